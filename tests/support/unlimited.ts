/** A limit that no test reaches. */
export const plenty = '1000000/1'

/** Settings for a house in which a test asks more than one family would. */
export const unlimited = {
  RATE_LIMIT_ADDRESS: plenty,
  RATE_LIMIT_USER: plenty,
  RATE_LIMIT_FAMILY: plenty,
}
