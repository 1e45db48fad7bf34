import { runService } from '@common-purse/kit/run-service'
import { loadConfig } from './config.ts'
import { startGateway } from './start.ts'

await runService('gateway', loadConfig, startGateway)
