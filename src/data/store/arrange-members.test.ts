import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { LocalHour, ProjectId } from '../../ids.ts'
import { type ArrangedMember, arrangeMembers, type HourEvents } from './arrange-members.ts'
import { sealedSizes } from './member-sizes.ts'

interface Sized {
  hour: number
  name: string
  serial: number
  bytes: number
}

const event = fc.record({
  projectId: fc.constantFrom(1 as ProjectId, 2 as ProjectId),
  hour: fc.oneof(fc.integer({ min: 48, max: 51 }), fc.integer({ min: 0, max: 200 })),
  name: fc.constantFrom('a', 'b', 'c'),
  bytes: fc.integer({ min: 1, max: 600 }),
})

/** Small enough for events of a few hundred bytes to make members of every kind. */
const partSizeBytes = 2048

function hoursOf(events: { projectId: ProjectId; hour: number; name: string; bytes: number }[]) {
  const hours = new Map<string, HourEvents<Sized>>()
  for (const [serial, { projectId, hour, name, bytes }] of events.entries()) {
    const key = `${projectId}/${hour}`
    const localHour = hour as LocalHour
    const group = hours.get(key) ?? { projectId, localHour, rawBytes: 0, eventsByName: new Map() }
    hours.set(key, group)
    group.rawBytes += bytes
    group.eventsByName.set(name, [...(group.eventsByName.get(name) ?? []), { hour, name, serial, bytes }])
  }
  return [...hours.values()]
}

const arrange = (hours: HourEvents<Sized>[]) =>
  arrangeMembers(hours, sealedSizes(partSizeBytes), ({ bytes }) => bytes)
const isSpread = ({ hourCounts }: ArrangedMember<Sized>): boolean => hourCounts.length > 2

test('every event is in one member; those of a name and hour keep their order', () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 80 }), (events) => {
      const members = arrange(hoursOf(events))
      const placed = members.flatMap((member) =>
        member.events.map((each) => ({ ...each, of: member.projectId })),
      )
      expect(placed.map(({ serial }) => serial).sort((a, b) => a - b)).toEqual([...events.keys()])
      const last = new Map<string, number>()
      for (const { of, hour, name, serial } of placed) {
        expect(serial).toBeGreaterThan(last.get(`${of}/${hour}/${name}`) ?? -1)
        last.set(`${of}/${hour}/${name}`, serial)
      }
    }),
  )
})

test('a member says truly which hours, names and bytes it has, and is no larger than it may be', () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 80 }), (events) => {
      for (const member of arrange(hoursOf(events))) {
        const stated: number[] = []
        for (let at = 0; at < member.hourCounts.length; at += 2)
          stated.push(...new Array<number>(member.hourCounts[at + 1] ?? 0).fill(member.hourCounts[at] ?? 0))
        expect(member.events.map(({ hour }) => hour)).toEqual(stated)
        expect(stated).toEqual(stated.toSorted((a, b) => a - b))
        expect(new Set(member.events.map(({ name }) => name))).toEqual(member.names)
        expect(member.events.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(member.rawBytes)
        expect(member.rawBytes).toBeLessThanOrEqual(isSpread(member) ? partSizeBytes / 2 : partSizeBytes)
      }
    }),
  )
})

test('an hour of a spread member has all its lines there, and a lone hour is never spread', () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 80 }), (events) => {
      const hours = hoursOf(events)
      for (const member of arrange(hours).filter(isSpread)) {
        for (let at = 0; at < member.hourCounts.length; at += 2) {
          const hour = hours.find(
            ({ projectId, localHour }) =>
              projectId === member.projectId && localHour === member.hourCounts[at],
          )
          const count = [...(hour?.eventsByName.values() ?? [])].reduce((sum, { length }) => sum + length, 0)
          expect(member.hourCounts[at + 1]).toBe(count)
        }
      }
    }),
  )
})

test('hours of a day that has enough share members of that day; the rest goes across days', () => {
  const inHours = (hours: number[]) =>
    hours.map((hour) => ({ projectId: 1 as ProjectId, hour, name: 'a', bytes: 150 }))
  const spans = arrange(hoursOf(inHours([3, 4, 5, 30, 60]))).map(({ hourCounts }) => [
    hourCounts[0],
    hourCounts.at(-2),
  ])
  expect(spans).toEqual([
    [3, 5],
    [30, 60],
  ])
})
