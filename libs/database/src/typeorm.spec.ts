import { Column, Entity, PrimaryColumn } from 'typeorm';
import { openBench } from './database.spec-support.ts';
import type { Bench } from './database.spec-support.ts';

@Entity('note')
class Note {
  @PrimaryColumn('int') id!: number;
  @Column('text') text!: string;
}

describe('entities', () => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await openBench('typeorm', {
      schema: 'CREATE TABLE note (id int PRIMARY KEY, text text)',
      entities: [Note],
    });
  });
  afterAll(() => bench.close());

  test('are written and read in the transaction that statements run in', async () => {
    const failed = bench.database.change(['note'], async (tx) => {
      await tx.manager.save(Note, { id: 1, text: 'one' });
      expect(await tx.query('SELECT text FROM note')).toEqual([{ text: 'one' }]);
      throw new Error('rolled back');
    });
    await expect(failed).rejects.toThrow('rolled back');
    expect(await bench.database.query('SELECT * FROM note')).toEqual([]);
  });

  test('saved in a nested transaction go away with the outer one', async () => {
    const failed = bench.database.withTransaction(async (tx) => {
      await tx.manager.transaction((nested) => nested.save(Note, { id: 2, text: 'two' }));
      throw new Error('rolled back');
    });
    await expect(failed).rejects.toThrow('rolled back');
    expect(await bench.database.query('SELECT * FROM note')).toEqual([]);
  });
});
