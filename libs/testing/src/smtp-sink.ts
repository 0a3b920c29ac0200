import type { AddressInfo, Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import PostalMime, { type Email } from 'postal-mime';
import { SMTPServer, type SMTPServerSession } from 'smtp-server';

/** A mail as the server took it. */
export interface ReceivedMail {
  /** Envelope, not headers: where it was really sent. */
  readonly from: string;
  readonly to: readonly string[];
  /** With its angle brackets. */
  readonly messageId: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  /** The first header of that name (any case), or undefined. */
  header(name: string): string | undefined;
  readonly raw: string;
  /** False where the server had the whole mail and the client was never told so. */
  readonly acknowledged: boolean;
}

/** How the server misbehaves; a reply is an SMTP code such as 421, 450 or 550. */
export interface SmtpFaults {
  /** Answered to every new connection, which is then closed. */
  readonly connect?: number;
  /** Answered to RCPT TO; for every recipient, or for those of `recipients`. */
  readonly recipient?: number;
  readonly recipients?: readonly string[];
  /** Answered in place of 250 after the final dot. */
  readonly message?: number;
  /** After the final dot keep the mail, and: never answer, cut the connection, or answer no sooner than `behave()`. */
  readonly afterData?: 'hang' | 'drop' | 'hold';
}

/** A real SMTP server on loopback that keeps every mail and misbehaves on order. */
export class SmtpSink {
  /** Every mail that passed the final dot, acknowledged or not, in order of arrival. */
  readonly mails: ReceivedMail[] = [];
  /** Every recipient that a client has named, also a refused one: how often a client tried. */
  readonly attempts: string[] = [];
  private faults: SmtpFaults = {};
  private held: (() => void)[] = [];
  private server: SMTPServer | undefined;
  private readonly sockets = new Map<number, Socket>();
  private port = 0;
  private receiving = 0;

  /** Listens on a free loopback port, or on `port`. */
  static async start(port = 0): Promise<SmtpSink> {
    const sink = new SmtpSink();
    sink.port = port;
    await sink.resume();
    return sink;
  }

  /** `smtp://127.0.0.1:PORT`, for `SMTP_URL`. */
  get url(): string {
    return `smtp://127.0.0.1:${this.port}`;
  }

  /** Whether a client is connected, or a mail of one that is gone is still being read. */
  get busy(): boolean {
    return this.sockets.size > 0 || this.receiving > 0;
  }

  mailsTo(address: string): ReceivedMail[] {
    return this.mails.filter((mail) => mail.to.includes(address));
  }

  /** Misbehaves so from now on, on open connections too, until `behave()`. */
  misbehave(faults: SmtpFaults): void {
    this.faults = faults;
  }

  /** Ends every fault, and gives the answers that were held back. */
  behave(): void {
    this.faults = {};
    for (const answer of this.held.splice(0)) answer();
  }

  /** Forgets mails and attempts. */
  clear(): void {
    this.mails.length = 0;
    this.attempts.length = 0;
  }

  /** The server goes away: connections are reset, new ones refused. The mails stay. */
  async stop(): Promise<void> {
    const server = this.server;
    this.server = undefined;
    for (const socket of this.sockets.values()) socket.resetAndDestroy();
    if (server) await new Promise<void>((resolve) => server.close(resolve));
  }

  /** Comes back on the port it had. */
  async resume(): Promise<void> {
    const server = this.createServer();
    server.on('error', () => undefined); // -- a client that goes away is part of the tests
    server.server.on('connection', (socket: Socket) => {
      const port = socket.remotePort ?? 0;
      this.sockets.set(port, socket);
      socket.once('close', () => this.sockets.delete(port));
    });
    await new Promise<void>((resolve, reject) => {
      server.server.once('error', reject);
      server.listen(this.port, '127.0.0.1', resolve);
    });
    this.port = (server.server.address() as AddressInfo).port;
    this.server = server;
  }

  private createServer(): SMTPServer {
    return new SMTPServer({
      authOptional: true,
      disabledCommands: ['AUTH', 'STARTTLS'],
      disableReverseLookup: true,
      closeTimeout: 100,
      onConnect: (_session, done) => done(refusal(this.faults.connect)),
      onRcptTo: ({ address }, _session, done) => {
        this.attempts.push(address);
        const { recipient, recipients } = this.faults;
        done(!recipients || recipients.includes(address) ? refusal(recipient) : undefined);
      },
      onData: (stream, session, done) => {
        this.receiving += 1;
        // A client that dies within its message has sent none; the stream says so by failing.
        void buffer(stream)
          .then(
            (raw) => this.receive(raw, session, done),
            () => undefined,
          )
          .finally(() => (this.receiving -= 1));
      },
    });
  }

  private async receive(raw: Buffer, session: SMTPServerSession, done: (error?: Error) => void): Promise<void> {
    const { message, afterData } = this.faults;
    if (message) return done(refusal(message));
    const mail = { ...toMail(await PostalMime.parse(raw), raw, session), acknowledged: false };
    this.mails.push(mail);
    const acknowledge = () => {
      mail.acknowledged = true;
      done();
    };
    if (afterData === undefined) acknowledge();
    else if (afterData === 'hold') this.held.push(acknowledge);
    else if (afterData === 'drop') this.sockets.get(session.remotePort)?.resetAndDestroy();
  }
}

function refusal(code: number | undefined): Error | undefined {
  if (code === undefined) return undefined;
  return Object.assign(new Error(`refused on order`), { responseCode: code });
}

function toMail(email: Email, raw: Buffer, { envelope }: SMTPServerSession): Omit<ReceivedMail, 'acknowledged'> {
  return {
    from: envelope.mailFrom ? envelope.mailFrom.address : '',
    to: envelope.rcptTo.map((recipient) => recipient.address),
    messageId: email.messageId ?? '',
    subject: email.subject ?? '',
    text: email.text ?? '',
    html: email.html ?? '',
    header: (name) => email.headers.find((header) => header.key === name.toLowerCase())?.value,
    raw: raw.toString(),
  };
}
