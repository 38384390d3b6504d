import { statfs } from 'node:fs/promises'
import { Gauge, type Registry } from 'prom-client'

/** Shows what is free where the process keeps its files: the spool, and without other settings all events. */
export function registerDiskGauge(registry: Registry, folder: string): void {
  new Gauge({
    name: 'penstock_disk_free_bytes',
    help: 'Free bytes on the disk of the data directory',
    registers: [registry],
    async collect() {
      // Before the first start there is no folder yet, and nothing to tell.
      const found = await statfs(folder).catch(() => undefined)
      if (found === undefined) this.remove()
      else this.set(found.bavail * found.bsize)
    },
  })
}
