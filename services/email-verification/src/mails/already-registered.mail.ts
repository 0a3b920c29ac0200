import { html } from '@gatehouse/http';
import { mailPage, type MailTemplate } from './mail-content.ts';

/** Tells the owner of a known address that somebody registered with it. Carries no credential. */
export const alreadyRegisteredMail: MailTemplate<void> = {
  en: () => {
    const subject = 'You have an account already';
    return {
      subject,
      text: `You have an account already

Somebody asked for a new account with this e-mail address, but there is one
already.

If it was you, log in with the account you have. If it was not, you need do
nothing: nothing was changed, and whoever asked has learnt nothing.
`,
      html: mailPage(
        'en',
        subject,
        html`<h1 style="font-size:20px">${subject}</h1>
          <p>Somebody asked for a new account with this e-mail address, but there is one already.</p>
          <p>
            If it was you, log in with the account you have. If it was not, you need do nothing: nothing was changed,
            and whoever asked has learnt nothing.
          </p>`,
      ),
    };
  },
};
