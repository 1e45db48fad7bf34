/**
 * SQL: whether a user (`u`) was signed in to from an address lately. Not the bot's sessions: their address is the bot's,
 * which is everybody's. `address` and `days` name parameters.
 */
export const isKnownAddress = (address: string, days: string): string =>
  `EXISTS (SELECT 1 FROM sessions k WHERE k.user_id = u.id AND k.address_key = ${address} AND k.client <> 'bot'
     AND k.created_at > clock_timestamp() - make_interval(days => ${days}))`
