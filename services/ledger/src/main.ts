import { runService } from '@common-purse/kit/run-service'
import { loadConfig } from './config.ts'
import { startLedger } from './start.ts'

await runService('ledger', loadConfig, startLedger)
