/** What the webhook is told, and when. */
import { z } from 'zod'
import { type Setting, setting, wholeNumber } from './setting.ts'

const httpUrl = z.string().refine((text) => /^https?:\/\//.test(text) && URL.canParse(text), {
  error: 'must be a URL like https://alerts.example.com/penstock',
})

export const notifications = {
  webhookUrl: setting(
    'PENSTOCK_WEBHOOK_URL',
    httpUrl,
    undefined,
    'where pipelines that are late or held are told of; without it nowhere',
  ),
  webhookSecret: setting(
    'PENSTOCK_WEBHOOK_SECRET',
    z.string().min(1),
    undefined,
    'what its calls are signed with: whsec_ and base64, or several of them with spaces between',
  ),
  webhookSecretFile: setting(
    'PENSTOCK_WEBHOOK_SECRET_FILE',
    z.string().min(1),
    undefined,
    'file that has the same, instead of the environment',
  ),
  webhookRetryHoursMax: setting(
    'PENSTOCK_WEBHOOK_RETRY_HOURS_MAX',
    wholeNumber(1, 720),
    72,
    'how long a notification that the webhook does not take is sent again, at growing intervals, before it is given up',
  ),
  lateAfterMinutes: setting(
    'PENSTOCK_LATE_AFTER_MINUTES',
    wholeNumber(1, 10_080),
    60,
    'how long after it is due a folder that is not exported counts as late',
  ),
} as const satisfies Record<string, Setting>
