import pg from 'pg';
import { refusalOf, TokenHarness } from '../token.spec-support.ts';

let token: TokenHarness;
let database: pg.Client;
beforeAll(async () => {
  token = await TokenHarness.start('anonymous-clients');
  database = new pg.Client(token.suite.databaseUrl('token'));
  await database.connect();
}, 60_000);
afterAll(async () => {
  await database.end();
  await token.stop();
});

async function published(type: string): Promise<unknown[]> {
  const sql = "SELECT payload FROM outbox WHERE headers->>'ce_type' = $1 ORDER BY xid, id";
  const { rows } = await database.query<{ payload: string }>(sql, [type]);
  return rows.map(({ payload }) => JSON.parse(payload) as unknown);
}

test('requests without client credentials are one counted record, and wrong ones a fact each and not counted', async () => {
  const anonymous = [
    await token.postForm('/oauth/token', { grant_type: 'client_credentials' }),
    await token.postForm('/oauth/token', { grant_type: 'client_credentials', client_id: 'admin' }),
    await token.postForm('/oauth/revoke', { token: 'x' }),
  ];
  const wrong = await token.postForm('/oauth/token', {}, { id: 'admin', secret: 'wrong' });
  for (const response of [...anonymous, wrong]) expect(await refusalOf(response)).toEqual([401, 'invalid_client']);
  await token.service.close(); // hands its counts on before the minute is over
  expect(await published('requests.refused')).toMatchObject([{ source: '127.0.0.1', counts: { invalid_client: 3 } }]);
  expect(await published('client.refused')).toEqual([{ client_id: 'admin', reason: 'wrong_secret' }]);
});
