/** Where the journey looks for the mail that it caused. */
export interface Mailbox {
  /** The newest mail to an address, or undefined while there is none. */
  newest(address: string): Promise<{ readonly text: string } | undefined>;
}

interface MailDevMail {
  readonly text: string;
  readonly time: string;
  readonly to: readonly { readonly address: string }[];
}

/** The local platform's mail sink, by its HTTP API. */
export function mailSink(url: string): Mailbox {
  return {
    async newest(address) {
      const mails = (await (await fetch(`${url}/email`)).json()) as MailDevMail[];
      return mails
        .filter((mail) => mail.to.some((to) => to.address === address))
        .sort((a, b) => b.time.localeCompare(a.time))[0];
    },
  };
}
