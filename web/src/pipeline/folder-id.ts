/** How an address names a folder of a pipeline: `2024-02-20`, or `2024-02-20T07`. */

export interface FolderPlace {
  date: string
  hour?: string
}

export function folderId({ date, hour }: { date: string; hour?: string | undefined }): string {
  return hour === undefined ? date : `${date}T${hour}`
}

export function folderPlace(id: string): FolderPlace {
  const [date = '', hour] = id.split('T')
  return hour === undefined ? { date } : { date, hour }
}
