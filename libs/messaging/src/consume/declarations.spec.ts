import { Controller } from '@nestjs/common';
import { accountRegistered, emailVerifications, emailVerified, tokenRevoked } from '@gatehouse/contracts';
import type { Tx } from '@gatehouse/database';
import type { MessageHandler } from '@nestjs/microservices';
import type { Message, RawMessage } from '../wire.ts';
import { Consumes, ConsumesBatch, Follows, FollowsDeletion } from './handler-declaration.ts';
import type { HandlerDeclaration } from './handler-declaration.ts';
import { Handlers } from './handlers.ts';

/** Never run: that it compiles, and what in it does not, is the test. */
@Controller()
export class Typed {
  @Consumes(emailVerified)
  right(_: Message<typeof emailVerified>, __: Tx): void {}

  // @ts-expect-error -- a handler of another event does not compile
  @Consumes(accountRegistered)
  otherEvent(_: Message<typeof emailVerified>): void {}

  // @ts-expect-error -- locks see the data of the event
  @Consumes(emailVerified, { locks: (data) => [String(data.no_such_field)] })
  otherLocks(_: Message<typeof emailVerified>): void {}

  @ConsumesBatch({ topics: [emailVerifications] })
  batch(_: RawMessage[], __: Tx): void {}

  // @ts-expect-error -- a batch handler takes messages of any type
  @ConsumesBatch({ topics: [emailVerifications] })
  typedBatch(_: Message<typeof emailVerified>[]): void {}

  @Follows(tokenRevoked)
  follow(_: Message<typeof tokenRevoked>): void {}

  // @ts-expect-error -- a follower has no transaction
  @Follows(tokenRevoked)
  followWithTransaction(_: Message<typeof tokenRevoked>, __: Tx): void {}

  // @ts-expect-error -- a deletion has a key and nothing else
  @FollowsDeletion(tokenRevoked)
  forget(_: Message<typeof tokenRevoked>): void {}
}

const handlersOf = (...declarations: HandlerDeclaration[]) =>
  new Handlers(
    new Map(
      declarations.map((declaration, index) => [`${index}`, { extras: { declaration } } as unknown as MessageHandler]),
    ),
    'token',
  );
const consume = { kind: 'message', event: emailVerified, locks: () => [] } as const;
const batch = { kind: 'batch', topics: [emailVerifications], locks: () => [] } as const;

test('a service that reads a topic without being declared as its reader does not start', () => {
  expect(() => handlersOf({ ...consume, event: accountRegistered })).toThrow('token reads token.accounts');
  expect(() => handlersOf({ kind: 'follow', event: emailVerified })).toThrow('among its followers');
});

test('a topic that is handled by message and in batches, or by two batch handlers, stops the start', () => {
  expect(() => handlersOf(consume, batch)).toThrow('both by message and in batches');
  expect(() => handlersOf(batch, batch)).toThrow('Two batch handlers');
});

test('two handlers of one event stop the start, for Nest would run only the first to its end', () => {
  const chained = { extras: { declaration: consume }, next: () => undefined } as unknown as MessageHandler;
  expect(() => new Handlers(new Map([['consume email.verified/1', chained]]), 'token')).toThrow('Two methods of token');
});
