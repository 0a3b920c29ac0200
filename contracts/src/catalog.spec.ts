import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import * as contracts from './index.ts';
import {
  allTopics,
  endpoints,
  eventContext,
  events,
  personalFields,
  topicsOf,
  type AnyEvent,
  type Endpoint,
} from './index.ts';

/** Every exported object of the files below `folder` whose name ends so. */
async function declaredIn(folder: string, suffix: string): Promise<object[]> {
  const files = (await readdir(join(import.meta.dirname, folder), { recursive: true })).filter((f) =>
    f.endsWith(suffix),
  );
  const modules = await Promise.all(
    files.map((file) => import(`./${folder}/${file}`) as Promise<Record<string, unknown>>),
  );
  return modules
    .flatMap((module) => Object.values(module))
    .filter((value) => typeof value === 'object' && value !== null);
}

const isEvent = (value: object): value is AnyEvent => 'kind' in value && 'examples' in value;
const isEndpoint = (value: object): value is Endpoint => 'method' in value && 'success' in value;

test('every declared event is listed (else add it to `events` in catalog.ts)', async () => {
  const declared = (await declaredIn('events', '.event.ts')).filter(isEvent);
  expect(declared.filter((event) => !events.includes(event)).map((event) => event.type)).toEqual([]);
});

test('every declared endpoint is listed (else add it to `endpoints` in catalog.ts)', async () => {
  const declared = (await declaredIn('endpoints', '.endpoint.ts')).filter(isEndpoint);
  expect(declared.filter((endpoint) => !endpoints.includes(endpoint)).map((endpoint) => endpoint.id)).toEqual([]);
});

test('every listed event and endpoint can be imported (else export it from index.ts)', () => {
  const exported = new Set<unknown>(Object.values(contracts));
  expect(events.filter((event) => !exported.has(event)).map((event) => event.type)).toEqual([]);
  expect(endpoints.filter((endpoint) => !exported.has(endpoint)).map((endpoint) => endpoint.id)).toEqual([]);
});

test('every example of every event satisfies its own schema', () => {
  for (const event of events)
    for (const example of event.examples) expect(() => event.data.parse(example)).not.toThrow();
});

test('every event of an audited topic says how the audit log shows it (else give it `audit`)', () => {
  const silent = events.filter((event) => topicsOf(event).some((topic) => topic.audited) && !event.audit);
  expect(silent.map((event) => event.type)).toEqual([]);
});

test("an audit view shows no personal value, for it becomes part of the entry's bytes", () => {
  for (const event of events)
    for (const example of event.examples) {
      const data = event.data.parse(example);
      const personalValues = [...personalFields(event.data).keys()].map((name) => data[name]);
      const view = JSON.stringify(event.audit?.(data) ?? {});
      for (const value of personalValues) if (value != null) expect(view).not.toContain(JSON.stringify(value));
    }
});

test('every personal field names its data subject by a field beside it', () => {
  for (const { data } of events)
    for (const subject of personalFields(data).values()) expect(Object.keys(data.shape)).toContain(subject);
  for (const subject of personalFields(eventContext).values())
    expect(Object.keys(eventContext.shape)).toContain(subject);
});

test('no two topics share a name, no two events a type and version, no two endpoints an id or a route', () => {
  const unique = (names: string[]) => expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
  unique(allTopics.map((topic) => topic.name));
  unique(events.map((event) => `${event.type}/${event.version}`));
  unique(endpoints.map((endpoint) => endpoint.id));
  unique(
    endpoints.map((endpoint) => `${endpoint.service} ${endpoint.method} ${endpoint.path.replace(/\{\w+\}/g, '{}')}`),
  );
});

test("a permission's organisation is a field of the endpoint's path or query", () => {
  for (const { id, access, input } of endpoints) {
    if (typeof access !== 'object' || !access.organization) continue;
    const fields = { ...input.path?.shape, ...input.query?.shape };
    expect({ id, fields: Object.keys(fields) }).toEqual({
      id,
      fields: expect.arrayContaining([access.organization]) as string[],
    });
  }
});

test('an endpoint that asks for a recent or strong login asks for a token, and says what it asks', () => {
  for (const { id, access, authentication } of endpoints) {
    if (!authentication) continue;
    expect([id, access === 'public' || access === 'client']).toEqual([id, false]);
    const { acrValues, maxAgeSeconds } = authentication;
    expect([id, acrValues?.length ?? maxAgeSeconds ?? 0]).not.toEqual([id, 0]);
  }
});
