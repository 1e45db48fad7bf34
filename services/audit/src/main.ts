import { runService } from '@common-purse/kit/run-service'
import { loadConfig } from './config.ts'
import { startAudit } from './start.ts'

await runService('audit', loadConfig, startAudit)
