import { setTimeout } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { accountRegistered, emailFlowRequested, type DataOf } from '@gatehouse/contracts';
import { Database, uuidv7, type Tx } from '@gatehouse/database';
import { Outbox } from '@gatehouse/messaging';
import { Clock } from '../clock.ts';
import { TokenSettings } from '../config.ts';
import { emailAddress, type EmailAddress } from '../domain/email-address.ts';
import { PasswordHasher } from '../password-hasher.ts';
import { Accounts, type Account } from '../store/accounts.ts';

export interface RegisterAccountCommand {
  readonly email: string;
  readonly password: string;
  /** BCP 47. */
  readonly locale: string | null;
}

interface Attempt {
  readonly email: EmailAddress;
  readonly passwordHash: string;
  readonly locale: string | null;
}

type MailTarget = Pick<Account, 'id' | 'addressId' | 'address'>;
type MailPurpose = DataOf<typeof emailFlowRequested>['purpose'];

@Injectable()
export class RegisterAccount {
  constructor(
    private readonly accounts: Accounts,
    private readonly passwords: PasswordHasher,
    private readonly database: Database,
    private readonly outbox: Outbox,
    private readonly settings: TokenSettings,
    private readonly clock: Clock,
  ) {}

  /**
   * A new address gets an account and a mail to prove it, an unproven one a further mail, a proven one a mail that says
   * so. The caller cannot tell which: the work is the same but for its last millisecond, which the waiting hides.
   * @throws Problem overloaded
   */
  async run({ email, password, locale }: RegisterAccountCommand): Promise<void> {
    const answerTime = setTimeout(this.settings.answerAfterMs);
    await this.register({ email: emailAddress(email), passwordHash: await this.passwords.hash(password), locale });
    await answerTime;
  }

  private async register(attempt: Attempt): Promise<void> {
    const known = await this.accounts.findForLogin(attempt.email.key);
    if (known) return this.writeToOwner(known, attempt);
    // Where somebody else was faster with the same address, it is known now.
    if (!(await this.create(attempt))) await this.register(attempt);
  }

  private async create(attempt: Attempt): Promise<boolean> {
    const { email, locale } = attempt;
    const account = { id: uuidv7(), addressId: uuidv7(), address: email.address };
    return this.database.change([account.id], async (tx) => {
      const createdAt = this.clock.now();
      if (!(await this.accounts.add(tx, { ...account, addressKey: email.key, locale, createdAt }))) return false;
      await this.outbox.append(tx, accountRegistered, { account_id: account.id, address_id: account.addressId });
      await this.startFlow(tx, account, attempt);
      return true;
    });
  }

  private async writeToOwner(account: Account, attempt: Attempt): Promise<void> {
    await this.database.change([account.id], async (tx) => {
      if (!account.verifiedAt) await this.startFlow(tx, account, attempt);
      else await this.requestMail(tx, account, 'already-registered', uuidv7(), attempt.locale);
    });
  }

  /** The password counts only if this very mail is confirmed: who registers somebody else's address gains nothing. */
  private async startFlow(tx: Tx, account: MailTarget, { passwordHash, locale }: Attempt): Promise<void> {
    const registration = { flowId: uuidv7(), accountId: account.id, passwordHash, createdAt: this.clock.now() };
    await this.accounts.addRegistration(tx, registration);
    await this.requestMail(tx, account, 'registration', registration.flowId, locale);
  }

  private async requestMail(
    tx: Tx,
    { id, addressId, address }: MailTarget,
    purpose: MailPurpose,
    flowId: string,
    locale: string | null,
  ): Promise<void> {
    const flow = { flow_id: flowId, purpose, account_id: id, address_id: addressId, email: address, locale };
    await this.outbox.append(tx, emailFlowRequested, flow);
  }
}
