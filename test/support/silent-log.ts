import { pino } from 'pino'

/** A logger for parts that want one, in tests that don't look at it. */
export const silentLog = pino({ level: 'silent' })
