import { problemsOf } from './boot-check.ts';
import { openBench } from './database.spec-support.ts';

describe('the boot check', () => {
  test('refuses a database whose commits a crash could lose', async () => {
    const bench = await openBench('boot-check');
    await bench.database.query(`ALTER DATABASE ${bench.suite.databaseOf('token')} SET synchronous_commit = off`);
    await expect(bench.open()).rejects.toThrow('synchronous_commit must be on, it is off');
    await bench.close();
  });

  test('names every setting that is wrong', () => {
    const problems = problemsOf({ version: 170_000, synchronous_commit: 'local', max_prepared_transactions: 5 });
    expect(problems).toEqual([
      expect.stringContaining('version 18'),
      expect.stringContaining('synchronous_commit'),
      expect.stringContaining('max_prepared_transactions'),
    ]);
  });

  test.each(['on', 'remote_apply'])('takes synchronous_commit = %s', (synchronous_commit) => {
    expect(problemsOf({ version: 180_000, synchronous_commit, max_prepared_transactions: 0 })).toEqual([]);
  });
});
