import type { RouteId } from '../../../libs/contracts/src/index.ts'
import { givenFamily } from '../../support/given.ts'
import { drive, type Driver, type Drivers } from './driver.ts'
import { familyDrivers } from './family-drivers.ts'
import { moneyDrivers } from './money-drivers.ts'
import { peopleDrivers } from './people-drivers.ts'

const trailDrivers: Drivers<'verifyAudit' | 'exportAudit'> = {
  verifyAudit: async (house) => {
    const { id, owner } = await givenFamily(house)
    return drive(house, { id: 'verifyAudit', as: owner.session }, () => [
      { action: 'audit.verified', entity_type: 'chain', entity_id: id, new_values: { intact: true } },
    ])
  },
  exportAudit: async (house) => {
    const { id, owner } = await givenFamily(house)
    return drive(house, { id: 'exportAudit', as: owner.session }, () => [
      { action: 'audit.exported', entity_type: 'chain', entity_id: id },
    ])
  },
}

/** How each route that changes something is driven to success. */
export const drivers: Partial<Record<RouteId, Driver>> = {
  ...peopleDrivers,
  ...familyDrivers,
  ...moneyDrivers,
  ...trailDrivers,
}
