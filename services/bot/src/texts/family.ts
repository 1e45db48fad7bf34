import type { Role } from '@common-purse/contracts'
import type { InEach } from './language.ts'

export interface FamilyTexts {
  title(family: string): string
  role: Record<Role, string>
  you: string
  /** Above the buttons to the other families. */
  others: string
  entered(family: string, role: string): string
  notIn: string
}

export const familyTexts: InEach<FamilyTexts> = {
  en: {
    title: (family) => `You are in “${family}”:`,
    role: { owner: 'owner', adult: 'adult', member: 'member', child: 'child', read_only: 'read only' },
    you: 'you',
    others: 'Go on in another of your families:',
    entered: (family, role) =>
      `You are in “${family}” now, as ${role}. Whatever you write is about this family.`,
    notIn: 'You are not in that family any more. /family shows where you are.',
  },
  ru: {
    title: (family) => `Вы в семье «${family}»:`,
    role: {
      owner: 'владелец',
      adult: 'взрослый',
      member: 'участник',
      child: 'ребёнок',
      read_only: 'только чтение',
    },
    you: 'вы',
    others: 'Перейти в другую вашу семью:',
    entered: (family, role) =>
      `Теперь вы в семье «${family}», роль: ${role}. Всё, что вы пишете, относится к ней.`,
    notIn: 'Вы больше не состоите в этой семье. /family покажет, где вы.',
  },
}
