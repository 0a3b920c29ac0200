import { html } from '@gatehouse/http';
import { mailPage, type MailTemplate } from './mail-content.ts';

/** What a mail that carries a credential shows. */
export interface CredentialVariables {
  /** Grouped for reading, e.g. `7KQ2-M9XD`. */
  readonly code: string;
  readonly link: string;
  readonly lifetimeHours: number;
}

/** Asks the owner of a new account's address to prove that they read it. */
export const registrationMail: MailTemplate<CredentialVariables> = {
  en: ({ code, link, lifetimeHours }) => {
    const subject = 'Confirm your e-mail address';
    return {
      subject,
      text: `Confirm your e-mail address

Open this link and press the button:

${link}

Or type this code where you were asked for it:

    ${code}

Both are valid for ${lifetimeHours} hours. If you did not register, ignore this
mail: without your confirmation nothing happens.
`,
      html: mailPage(
        'en',
        subject,
        html`<h1 style="font-size:20px">${subject}</h1>
          <p>Open the link and press the button:</p>
          <p><a href="${link}">Confirm my address</a></p>
          <p>Or type this code where you were asked for it:</p>
          <p style="font-family:monospace;font-size:24px;letter-spacing:2px">${code}</p>
          <p>
            Both are valid for ${lifetimeHours} hours. If you did not register, ignore this mail: without your
            confirmation nothing happens.
          </p>`,
      ),
    };
  },
};
