import { z } from 'zod'
import { checkedParameter, parametersOf } from './parameter.ts'

export const profilePageMax = 1000

/** Parameters of `GET /api/2.0/engage`. */
export const profileListQuery = parametersOf({
  project_id: z.string().optional(),
  group_key: checkedParameter('group_key', 'names the key of the groups to list', () => undefined).optional(),
  after: checkedParameter(
    'after',
    'is the id of the profile after which the page begins',
    () => undefined,
  ).optional(),
  limit: checkedParameter('limit', `is how many profiles to list, at most ${profilePageMax}`, (text) =>
    /^[1-9]\d{0,3}$/.test(text) && Number(text) <= profilePageMax
      ? undefined
      : `must be a whole number from 1 to ${profilePageMax}`,
  ).optional(),
})

export type ProfileListQuery = z.output<typeof profileListQuery>

export function profilePage({ group_key, after, limit }: ProfileListQuery) {
  return { groupKey: group_key ?? '', after, limit: limit === undefined ? profilePageMax : Number(limit) }
}

/** Lines of JSON, each a profile: `{"$distinct_id": "ann", "$properties": {…}}`. */
export const profileListAnswer = z.string()
