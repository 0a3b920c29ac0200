import { allTopics, events, topicsOf } from './index.ts';

test('every example of every event satisfies its own schema', () => {
  for (const event of events)
    for (const example of event.examples) expect(() => event.data.parse(example)).not.toThrow();
});

test('every event of an audited topic says how the audit log shows it', () => {
  const silent = events.filter((event) => topicsOf(event).some((topic) => topic.audited) && !event.audit);
  expect(silent.map((event) => event.type)).toEqual([]);
});

test('no two topics share a name and no two events share a type and version', () => {
  const names = allTopics.map((topic) => topic.name);
  expect(new Set(names).size).toBe(names.length);
  const types = events.map((event) => `${event.type}/${event.version}`);
  expect(new Set(types).size).toBe(types.length);
});
