/** Limits of a request and of an event, as in Mixpanel's ingestion reference. */

/** Bytes of a request's body: as it comes, and again as it inflates. */
export const requestBytesMax = 10 * 1024 * 1024
export const requestEventsMax = 2_000
/** Objects and arrays in one request: 125 for each of as many events as it may have. */
export const containersMax = 250_000
/** Projects whose events one /track request may hold: each costs a look-up. */
export const requestProjectsMax = 50
export const eventNameLengthMax = 255
/** An event's JSON must be shorter than this. */
export const eventBytesLimit = 1024 * 1024
/** Properties of an event, keys of an object and elements of an array must be fewer than this. */
export const membersLimit = 255
/** How deep objects may lie in objects, and arrays in arrays, below `properties`. */
export const levelsMax = 3
/** Of the strings of projects that have them cut. */
export const stringLengthMax = 255
export const insertIdBytesMax = 36
/** How far ahead of this server's clock an event's time may be. */
export const aheadMsMax = 60 * 60 * 1000
/** How old an event may be on /track. */
export const trackAgeMsMax = 5 * 24 * 60 * 60 * 1000
/** 1971-01-01: what is older is a mistake in the unit. */
export const oldestTimeMs = Date.UTC(1971, 0, 1)
