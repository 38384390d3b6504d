import type { ProjectId } from '../../ids.ts'

/** Of profiles by their ids, the values that were asked for; an empty list for a user without a profile. */
export type ProfileValues = ReadonlyMap<string, readonly unknown[]>

/** Every id comes with one of the rounds. What a round holds is bounded. */
export type ReadProfiles = (
  projectId: ProjectId,
  ids: readonly string[],
  names: readonly string[],
) => AsyncIterable<ProfileValues>
