import { setTimeout } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { loginFailed, sessionChanged, sessionStarted } from '@gatehouse/contracts';
import { Database, uuidv7, type Tx } from '@gatehouse/database';
import { Outbox } from '@gatehouse/messaging';
import { OAuthError, Problem } from '@gatehouse/problem';
import { setActor } from '@gatehouse/telemetry';
import { Clock } from '../clock.ts';
import { TokenSettings } from '../config.ts';
import { passwordContext } from '../domain/authentication-context.ts';
import { errorResponse } from '../domain/authorization-response.ts';
import { emailAddress } from '../domain/email-address.ts';
import { decideLogin, type LoginFailure } from '../domain/login.ts';
import { hashOf } from '../domain/opaque-token.ts';
import { PasswordHasher } from '../password-hasher.ts';
import { CodeIssuer } from '../protocol/code-issuer.ts';
import { NextInteraction } from '../protocol/next-interaction.ts';
import type { NextPage } from '../protocol/next-page.ts';
import { newToken } from '../protocol/new-token.ts';
import { SessionEnder, sessionKeys } from '../protocol/session-ender.ts';
import { TokenLimits } from '../protocol/token-limits.ts';
import { Accounts, type LoginAccount } from '../store/accounts.ts';
import { AuthorizationRequests, type PendingRequest } from '../store/authorization-requests.ts';
import { Clients } from '../store/clients.ts';
import { Sessions, type Session } from '../store/sessions.ts';

export interface LoginCommand {
  readonly pending: PendingRequest;
  readonly email: string;
  readonly password: string;
  readonly ip: string;
  /** Of the session that the browser has, which this login renews or ends. */
  readonly replacedSessionHash: Buffer | null;
}

export type LoginOutcome =
  | { readonly failure: LoginFailure }
  | { readonly failure: null; readonly next: NextPage; readonly sessionCookie: string };

/** Login by password; answers the authorization request that waits for it. */
@Injectable()
export class LogIn {
  constructor(
    private readonly accounts: Accounts,
    private readonly passwords: PasswordHasher,
    private readonly requests: AuthorizationRequests,
    private readonly sessions: Sessions,
    private readonly ender: SessionEnder,
    private readonly clients: Clients,
    private readonly interactions: NextInteraction,
    private readonly codes: CodeIssuer,
    private readonly database: Database,
    private readonly outbox: Outbox,
    private readonly limits: TokenLimits,
    private readonly settings: TokenSettings,
    private readonly clock: Clock,
  ) {}

  /** @throws Problem too-many-requests, overloaded; gone where the request was answered in the meantime */
  async run(command: LoginCommand): Promise<LoginOutcome> {
    await this.limits.login(emailAddress(command.email).key, command.pending.clientId);
    const answerTime = setTimeout(this.settings.answerAfterMs);
    const account = await this.accounts.findForLogin(emailAddress(command.email).key);
    const passwordMatches = await this.passwords.verify(account?.passwordHash ?? null, command.password);
    const decision = decideLogin(account, passwordMatches);
    if (decision.failure === null) return this.startSession(decision.account, command);
    await this.refuse(decision.failure, account, command.pending);
    await answerTime;
    return { failure: decision.failure };
  }

  /** The same statements for an unknown account and a wrong password. */
  private async refuse(reason: LoginFailure, account: LoginAccount | null, pending: PendingRequest): Promise<void> {
    await this.database.withTransaction(async (tx) => {
      await this.accounts.recordFailedLogin(tx, reason === 'wrong_password' && account ? account.id : null);
      if (reason === 'unverified' && account?.flowId)
        await this.requests.rememberUnverified(tx, pending.id, account.flowId);
      const failed = { account_id: account?.id ?? null, client_id: pending.clientId, reason };
      await this.outbox.recordIn(tx, loginFailed, failed);
    });
  }

  /**
   * Always a new cookie: one that was planted before the login is worth nothing after it. The session of the same account
   * goes on under it, so that the clients that know its `sid` are told of its logout; that of another account ends.
   */
  private async startSession(account: LoginAccount, command: LoginCommand): Promise<LoginOutcome> {
    const { pending, ip, replacedSessionHash } = command;
    setActor('account', account.id);
    const now = this.clock.now();
    const sessionCookie = newToken('session');
    const found = replacedSessionHash && (await this.sessions.find(replacedSessionHash, now));
    const own = found?.accountId === account.id ? found : null;
    const foreign = found && !own ? found : null;
    const login = this.loginOf(account, { id: own?.id ?? uuidv7(), cookieHash: hashOf(sessionCookie) }, now);
    const interaction = await this.interactionAfter(pending, login);
    const keys = [account.id, ...(foreign ? sessionKeys(foreign) : [])];
    const next = await this.database.change(keys, async (tx): Promise<NextPage> => {
      if (interaction !== 'consent' && !(await this.requests.consume(tx, pending.id, now))) throw new Problem('gone');
      const session = await this.keep(tx, login, own);
      await this.accounts.recordLogin(tx, account.id, ip, now);
      await this.outbox.append(tx, sessionStarted, {
        account_id: account.id,
        session_id: session.id,
        client_id: pending.clientId,
        method: 'password',
        expires_at: session.expiresAt.toISOString(),
      });
      const answer = await this.answerAfter(interaction, tx, pending, session);
      if (foreign) await this.ender.end(tx, foreign, null);
      return answer;
    });
    return { failure: null, next, sessionCookie };
  }

  private loginOf(account: LoginAccount, browser: Pick<Session, 'id' | 'cookieHash'>, now: Date): Session {
    return {
      ...browser,
      accountId: account.id,
      accountVersion: account.version,
      authenticatedAt: now,
      expiresAt: new Date(now.getTime() + this.settings.sessionLifetimeMs),
      ...passwordContext,
    };
  }

  /** A session that has ended in the meantime is not brought back to life: its clients were told. */
  private async keep(tx: Tx, login: Session, own: Session | null): Promise<Session> {
    if (own && (await this.sessions.renew(tx, login))) {
      await this.outbox.append(tx, sessionChanged, { account_id: login.accountId, session_id: login.id });
      return login;
    }
    const session = own ? { ...login, id: uuidv7() } : login;
    await this.sessions.add(tx, session);
    return session;
  }

  private async answerAfter(
    interaction: 'consent' | 'answer' | OAuthError,
    tx: Tx,
    pending: PendingRequest,
    session: Session,
  ): Promise<NextPage> {
    if (interaction === 'consent') return { path: '/consent', requestId: pending.id };
    if (interaction instanceof OAuthError) return errorResponse(pending, interaction, this.settings.issuer);
    return this.codes.answer(tx, pending, session);
  }

  /** This very login may not be enough: another account was expected, or the client needs consent first. */
  private async interactionAfter(
    pending: PendingRequest,
    session: Session,
  ): Promise<'consent' | 'answer' | OAuthError> {
    const client = await this.clients.find(pending.clientId);
    if (!client) throw new Problem('gone');
    const since = new Date(Math.min(pending.requestedAt.getTime(), session.authenticatedAt.getTime()));
    const interaction = await this.interactions.of(pending, client, session, since);
    return interaction === 'login' ? new OAuthError('login_required', 'another account logged in') : interaction;
  }
}
