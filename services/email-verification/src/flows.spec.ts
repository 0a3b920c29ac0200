import { flows, renderMail, type FlowPurpose } from './flows.ts';
import { localeFor, locales } from './mails/mail-content.ts';

const message = {
  flowId: '0198f0c1-7a52-7c3e-9a60-0d6f4d1b2a03',
  locale: 'en',
  credentials: { code: '7KQ2M9XD', token: 'x'.repeat(43) },
  publicUrl: 'https://verify.example.com',
};
const purposes = Object.keys(flows) as FlowPurpose[];

test('the mail of a registration carries the code and the link, as text and as HTML', () => {
  const mail = renderMail({ ...message, purpose: 'registration' });
  for (const part of [mail.text, mail.html]) {
    expect(part).toContain('7KQ2-M9XD');
    expect(part).toContain(`https://verify.example.com/verify/${message.flowId}/${'x'.repeat(43)}`);
  }
});

test('the mail for a known address carries no credential', () => {
  const mail = renderMail({ ...message, purpose: 'already-registered' });
  for (const part of [mail.text, mail.html]) expect(part).not.toMatch(/7KQ2|x{43}|verify/);
});

test.each(purposes)('every part of the mail %s is there in every language, and stays as it is', (purpose) => {
  for (const locale of locales) expect(renderMail({ ...message, purpose, locale })).toMatchSnapshot();
});

test('a language is found by its tag, and English stands in for what is missing', () => {
  expect([localeFor('en-GB'), localeFor('EN'), localeFor('xx'), localeFor(null)]).toEqual(['en', 'en', 'en', 'en']);
});

test('what a text line holds is at most the 78 characters of RFC 5322', () => {
  for (const purpose of purposes)
    for (const line of renderMail({ ...message, purpose }).text.split('\n'))
      if (!line.includes('://')) expect(line.length).toBeLessThanOrEqual(78);
});
