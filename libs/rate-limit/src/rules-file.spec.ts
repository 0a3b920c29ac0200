import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { configureLogging, metrics } from '@gatehouse/telemetry';
import { eventually } from '@gatehouse/testing';
import { RulesFile } from './rules-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-rules-'));
const path = join(folder, 'rules.yaml');
const lines: string[] = [];
let file: RulesFile;

const withLimit = (limit: number) => `rules: [{ endpoint: /a, limit: ${limit}, window: 60s, burst: 1 }]\n`;
const limit = () => file.rules.find('/a', 'ip', null)?.limit;

beforeEach(() => {
  configureLogging({ service: 'token', level: 'info', sink: { write: (line) => void lines.push(line) } });
  writeFileSync(path, withLimit(1));
  file = new RulesFile(path);
});
afterEach(() => file.stop());
afterAll(() => rmSync(folder, { recursive: true }));

test('a changed file is in force within a second, without a restart', async () => {
  expect(limit()).toBe(1);
  writeFileSync(path, withLimit(2));
  await eventually(() => expect(limit()).toBe(2), { within: '1500ms' });
});

test('so is another file that takes its place', async () => {
  writeFileSync(`${path}.new`, withLimit(3));
  renameSync(`${path}.new`, path);
  await eventually(() => expect(limit()).toBe(3), { within: '1500ms' });
});

test('an invalid file keeps the rules before it; log and metric say so until it is right again', async () => {
  lines.length = 0;
  writeFileSync(path, withLimit(-1));
  await eventually(() => expect(file.problem).toMatch(/rules\[0\]/), { within: '1500ms' });
  expect(limit()).toBe(1);
  expect(await metrics.getSingleMetricAsString('rate_limit_rules_invalid')).toMatch(/rate_limit_rules_invalid 1/);
  expect(await metrics.getSingleMetricAsString('rate_limit_rules_changes_total')).toMatch(/outcome="refused"\} 1/);
  expect(lines.filter((line) => line.includes('rate_limit_rules_refused'))).toEqual([
    expect.stringContaining('rules[0]') as string,
  ]);
  writeFileSync(path, withLimit(4));
  await eventually(() => expect(limit()).toBe(4), { within: '1500ms' });
  expect(file.problem).toBeUndefined();
});

test('so does a file that is gone', async () => {
  rmSync(path);
  await eventually(() => expect(file.problem).toMatch(/ENOENT/), { within: '1500ms' });
  expect(limit()).toBe(1);
});

test('at the start there are no rules that could stay, so an invalid file is an error with its reason', () => {
  writeFileSync(path, 'rules: 1');
  expect(() => new RulesFile(path)).toThrow(/rules\.yaml[^]*rules/);
});
