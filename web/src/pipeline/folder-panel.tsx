import '../parts/tabs.css'
import { Content, List, Root, Trigger } from '@radix-ui/react-tabs'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useEffect, useRef } from 'react'
import { type FolderKey, historyQuery } from '../api/pipeline-calls.ts'
import { Mark } from '../parts/mark.tsx'
import { folderStates } from '../words/folder-states.ts'
import { FolderFiles } from './folder-files.tsx'
import { FolderHistory } from './folder-history.tsx'
import { folderPlace } from './folder-id.ts'
import { FolderManifest } from './folder-manifest.tsx'
import { stateTones } from './folder-table.tsx'
import { FolderVerification } from './folder-verification.tsx'
import { pipelineRoute, usePipeline } from './use-pipeline.ts'

const parts = {
  manifest: { title: 'Manifest', Part: FolderManifest },
  files: { title: 'Files', Part: FolderFiles },
  history: { title: 'History', Part: FolderHistory },
  verification: { title: 'Verification', Part: FolderVerification },
}
type PartName = keyof typeof parts

/** The open folder: what it consists of, how it came about, and whether the bucket has it so. */
export function FolderPanel({ folder }: { folder: string }) {
  const place = folderPlace(folder)
  const key: FolderKey = { ...usePipeline(), ...place }
  const { part = 'manifest' } = useSearch({ from: pipelineRoute })
  const navigate = useNavigate({ from: pipelineRoute })
  const history = useQuery(historyQuery(key))
  const heading = useRef<HTMLHeadingElement>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: each folder that is opened takes the focus
  useEffect(() => heading.current?.focus(), [folder])
  const show = (name: string) =>
    navigate({
      search: ({ part: _, ...before }) => {
        return name === 'manifest' ? before : { ...before, part: name as Exclude<PartName, 'manifest'> }
      },
      resetScroll: false,
      replace: true,
    })
  const close = async () => {
    await navigate({ search: ({ folder: _, part: __, ...before }) => before, resetScroll: false })
    document.querySelector<HTMLElement>(`[data-folder="${folder}"]`)?.focus()
  }
  return (
    <aside
      className="card folder-panel"
      aria-labelledby="folder"
      onKeyDown={({ key: pressed }) => {
        if (pressed === 'Escape') void close()
      }}
    >
      <header>
        <h2 id="folder" ref={heading} tabIndex={-1} className="num">
          {place.date}
          {place.hour !== undefined && ` ${place.hour}:00`}
        </h2>
        <span className="button-row">
          {history.data !== undefined && (
            <Mark tone={stateTones[history.data.state]}>{folderStates[history.data.state].word}</Mark>
          )}
          <button type="button" className="plain" onClick={close} aria-label="Close the folder">
            ✕
          </button>
        </span>
      </header>
      <Root value={part} onValueChange={show}>
        <List className="tabs" aria-label="Of the folder">
          {Object.entries(parts).map(([name, { title }]) => (
            <Trigger key={name} value={name}>
              {title}
            </Trigger>
          ))}
        </List>
        {Object.entries(parts).map(([name, { Part }]) => (
          <Content key={name} value={name} className="body" tabIndex={-1}>
            <Part folder={key} />
          </Content>
        ))}
      </Root>
    </aside>
  )
}
