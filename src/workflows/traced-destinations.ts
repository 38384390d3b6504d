import type { Destination, Destinations } from '../data/deliver/destination.ts'
import type { Tracing } from '../telemetry/tracing.ts'

/** Each thing done to a bucket, with all its tries, as a span. Keys are not told: they have the customer's prefix. */
export function traceDestinations(tracing: Tracing, destinations: Destinations): Destinations {
  return {
    open: (...given) => traceDestination(tracing, destinations.open(...given)),
    close: () => destinations.close(),
  }
}

function traceDestination(tracing: Tracing, destination: Destination): Destination {
  return {
    ...destination,
    listFolder: (...given) => tracing.span('folder list', {}, () => destination.listFolder(...given)),
    putFile: (key, file, ...given) => {
      const attributes = { 'penstock.bytes': file.lengthBytes, 'penstock.events': file.eventCount }
      return tracing.span('file put', { attributes }, () => destination.putFile(key, file, ...given))
    },
    putMarker: (...given) => tracing.span('marker put', {}, () => destination.putMarker(...given)),
    deleteObject: (...given) => tracing.span('object delete', {}, () => destination.deleteObject(...given)),
  }
}
