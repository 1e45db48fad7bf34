import { runService } from '@common-purse/kit/run-service'
import { loadConfig } from './config.ts'
import { startAuth } from './start.ts'

await runService('auth', loadConfig, startAuth)
