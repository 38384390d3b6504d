import type { ProjectId } from '../../ids.ts'

/** The project that a request takes room for; all requests of which nobody knows share one owner's room. */
export type RoomOwner = ProjectId | undefined
