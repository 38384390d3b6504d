import { androidRequests } from './android.ts'
import { appFrameworkRequests } from './app-frameworks.ts'
import { appleRequests } from './apple.ts'
import { goRequests } from './go.ts'
import { hostileRequests } from './hostile.ts'
import { importRequests } from './import-reference.ts'
import type { IngestRequest } from './ingest-request.ts'
import { javaRequests } from './java.ts'
import { javascriptRequests } from './javascript.ts'
import { phpRequests } from './php.ts'
import { profileRequests } from './profile-reference.ts'
import { pythonRequests } from './python.ts'
import { rubyRequests } from './ruby.ts'
import { trackRequests } from './track-reference.ts'

/** By whose requests they are. */
export const ingestRequests: Record<string, IngestRequest[]> = {
  'the SDK for Python': pythonRequests,
  'the SDKs for Apple': appleRequests,
  'the SDK for Android': androidRequests,
  'the SDK for Java': javaRequests,
  'the SDK for Ruby': rubyRequests,
  'the SDK for PHP': phpRequests,
  'the SDK for Go': goRequests,
  'the SDKs for JavaScript': javascriptRequests,
  'the SDKs for Unity and React Native': appFrameworkRequests,
  'the reference of /import': importRequests,
  'the reference of /track': trackRequests,
  'the reference of profiles': profileRequests,
  'odd and hostile': hostileRequests,
}
