import { z } from 'zod'
import { checkedParameter, parametersOf } from './parameter.ts'

const limitMax = 1000

/** Parameters of `GET /api/2.0/engage`. */
export const profileListQuery = parametersOf({
  project_id: z.string().optional(),
  group_key: checkedParameter('group_key', 'names the key of the groups to list', () => undefined).optional(),
  after: checkedParameter(
    'after',
    'is the id of the profile after which the page begins',
    () => undefined,
  ).optional(),
  limit: checkedParameter('limit', `is how many profiles to list, at most ${limitMax}`, (text) =>
    /^[1-9]\d{0,3}$/.test(text) && Number(text) <= limitMax
      ? undefined
      : `must be a whole number from 1 to ${limitMax}`,
  ).optional(),
})

export type ProfileListQuery = z.output<typeof profileListQuery>

export function profilePage({ group_key, after, limit }: ProfileListQuery) {
  return { groupKey: group_key ?? '', after, limit: limit === undefined ? limitMax : Number(limit) }
}
