import type { ReadProfiles } from '../../src/data/export/profile-values.ts'

/** For exports whose expression asks for no profile. */
export const noProfiles: ReadProfiles = () => {
  throw new Error('nobody asks for profiles here')
}
