/** A variable that commands read, not services. */
export interface PlainSetting {
  name: string
  text: string
  fallback?: string
  secret?: string
}

const start: readonly PlainSetting[] = [
  { name: 'PORT', text: "The gateway's public port; 0 takes a free one.", fallback: '8000' },
  { name: 'DATA_DIR', text: 'Folder of the data, secrets and logs.', fallback: '.data' },
  {
    name: 'DATABASE_URL',
    text: 'A PostgreSQL of yours, as a role that may create roles and databases; else one is brought up.',
    secret: 'with the password of the role',
  },
  {
    name: 'REDIS_URL',
    text: 'A Redis of yours; else one is brought up.',
    secret: 'with the password of the server',
  },
  {
    name: 'NATS_URL',
    text: 'A NATS with JetStream of yours; else one is brought up.',
    secret: 'with the password of the server',
  },
  {
    name: 'TELEGRAM_BOT_TOKEN',
    text: 'The bot at Telegram itself; without it, an emulator with a chat page.',
    secret: '@BotFather gives it',
  },
  { name: 'NODE_ENV', text: 'What the services are told.', fallback: 'development' },
  { name: 'LOG_FORMAT', text: '`json` shows log lines as they are; else they are made readable.' },
  {
    name: 'NODE_COMPILE_CACHE',
    text: 'Folder where Node keeps compiled code.',
    fallback: 'node_modules/.cache/common-purse-code',
  },
  { name: 'WEB_ROOT', text: 'Pages that are built already; else they are built when their sources changed.' },
]

const compose: readonly PlainSetting[] = [
  { name: 'PORT', text: "The gateway's port on this machine.", fallback: '8000' },
  { name: 'CHAT_PORT', text: 'The port of the emulator’s chat page.', fallback: '8082' },
  { name: 'PROMETHEUS_PORT', text: 'The port of Prometheus.', fallback: '9090' },
  { name: 'GRAFANA_PORT', text: 'The port of Grafana (profile dashboards).', fallback: '3000' },
  { name: 'JAEGER_PORT', text: 'The port of Jaeger (profile dashboards).', fallback: '16686' },
  {
    name: 'TELEGRAM_BOT_TOKEN',
    text: 'The bot at Telegram itself; without it, the emulator.',
    secret: '@BotFather gives it',
  },
  {
    name: 'TELEGRAM_WEBHOOK_URL',
    text: 'Where Telegram brings updates, as the world sees it; else it is asked for them.',
  },
  {
    name: 'TELEGRAM_WEBHOOK_SECRET',
    text: 'What Telegram says with each update that it brings; needed with TELEGRAM_WEBHOOK_URL.',
    secret: `node -p "crypto.randomBytes(32).toString('base64url')"`,
  },
  {
    name: 'WEBHOOK_PORT',
    text: 'The port on this machine to which your proxy passes what comes to TELEGRAM_WEBHOOK_URL.',
    fallback: '8083',
  },
  { name: 'PURSE_VERSION', text: 'Tag of the images that are built and run.', fallback: '0.1.0' },
  { name: 'TELEGRAM_API_ROOT', text: 'Another server of the Bot API than Telegram’s own.' },
  { name: 'PUBLIC_URL', text: 'Where people reach the pages.', fallback: 'http://127.0.0.1:8000' },
  { name: 'LOG_LEVEL', text: 'The least that the services log.', fallback: 'info' },
  {
    name: 'OTEL_EXPORTER_OTLP_ENDPOINT',
    text: 'Where traces go; empty for nowhere.',
    fallback: 'http://otel-collector:4318',
  },
  { name: 'TRUSTED_PROXIES', text: 'As the gateway’s.' },
  { name: 'CORS_ORIGINS', text: 'As the gateway’s.' },
]

const commands: readonly PlainSetting[] = [
  { name: 'PURSE_URL', text: 'The gateway that `npm run call` and `npm run story` go to.' },
  {
    name: 'PURSE_PASSWORD',
    text: 'The password of whom `npm run call -- --as you@example.org` signs in.',
    secret: 'your own',
  },
  {
    name: 'CHROMIUM_PATH',
    text: 'The browser of the browser tests, where it is not found by itself.',
  },
  {
    name: 'RYUK_CONTAINER_IMAGE',
    text: 'Image of the helper that removes the containers of tests.',
    fallback: 'testcontainers/ryuk:0.14.0',
  },
  { name: 'TESTCONTAINERS_RYUK_DISABLED', text: '`true`: tests in containers go without that helper.' },
]

/** By the command that reads them; `npm start` hands on the settings of services besides. */
export const commandSettings = { 'npm start': start, 'docker compose': compose, 'other commands': commands }
