import type { OwnQuota, Quota } from '../../src/control/projects/quota.ts'

/** Quotas that bound nothing: of the settings, and of one project. */
export const noBounds: Quota = {
  eventsPerDayMax: undefined,
  bytesPerDayMax: undefined,
  eventsPerMonthMax: undefined,
  bytesPerMonthMax: undefined,
}

export const asTheSettingsSay: OwnQuota = {
  eventsPerDayMax: null,
  bytesPerDayMax: null,
  eventsPerMonthMax: null,
  bytesPerMonthMax: null,
}
