import { runService } from '@common-purse/kit/run-service'
import { loadConfig } from './config.ts'
import { startBot } from './start.ts'

await runService('bot', loadConfig, startBot)
