/** What is not pure about a decision: the time and new ids. */
export interface Clock {
  /** The database's time. */
  now(): Date
  /** A UUID of version 7: later ones sort after earlier ones. */
  newId(): string
}
