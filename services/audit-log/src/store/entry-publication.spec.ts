import { randomUUID } from 'node:crypto';
import { accessDenied, auditEntryRecorded } from '@gatehouse/contracts';
import { eventually } from '@gatehouse/testing';
import { AuditLogUnderTest } from '../audit-log.spec-support.ts';
import { canonicalJson } from '../domain/canonical-json.ts';
import { leafHash } from '../domain/leaf.ts';

let audit: AuditLogUnderTest;
beforeAll(async () => {
  audit = await AuditLogUnderTest.start('entry-publication');
});
afterAll(() => audit.stop());

test('every entry is published under its log, in order, as the bytes that the hash is over, without a personal value', async () => {
  const organizations = [randomUUID(), randomUUID()];
  const ip = '198.51.100.23';
  for (let i = 0; i < 10; i += 1)
    await audit.publish(
      'authorization',
      accessDenied,
      { ...accessDenied.examples[0], organization_id: organizations[i % 2]! },
      { context: { actor_kind: 'client', actor_id: 'demo', ip } },
    );
  const records: { key: string; value: string }[] = [];
  const consumer = audit.suite.kafka().consumer({ groupId: `${audit.suite.topicPrefix}auditor` });
  await consumer.connect();
  await consumer.subscribe({ topic: `${audit.suite.topicPrefix}audit.entries`, fromBeginning: true });
  await consumer.run({
    eachMessage: ({ message }) => {
      records.push({ key: message.key!.toString(), value: message.value!.toString() });
      return Promise.resolve();
    },
  });
  try {
    const ofLog = (organization: string) => records.filter(({ key }) => key === `org-${organization}`);
    await eventually(() => expect(organizations.map((o) => ofLog(o).length)).toEqual([5, 5]), { within: '30s' });
    for (const organization of organizations) {
      const published = ofLog(organization).map(({ value }) => auditEntryRecorded.data.parse(JSON.parse(value)));
      expect(published.map(({ entry }) => entry.sequence)).toEqual([1, 2, 3, 4, 5]);
      for (const { entry, leaf_hash } of published)
        expect(leafHash(Buffer.from(canonicalJson(entry))).toString('base64url')).toBe(leaf_hash);
    }
    expect(JSON.stringify(records)).not.toContain(ip);
  } finally {
    await consumer.disconnect();
  }
});
