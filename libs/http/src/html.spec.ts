import { html, page } from './index.ts';

const attack = `"><img src=x onerror='alert(1)'>&`;

test('every value is escaped, in text and in quoted attributes', () => {
  expect(html`<p title="${attack}">${attack}</p>`.text).toBe(
    '<p title="&quot;&gt;&lt;img src=x onerror=&#39;alert(1)&#39;&gt;&amp;">&quot;&gt;&lt;img src=x onerror=&#39;alert(1)&#39;&gt;&amp;</p>',
  );
  // The control: a plain template string lets the attack through.
  expect(`<p>${attack}</p>`).toContain('<img');
});

test('html inside html is not escaped again, lists are joined, and nothing is printed for nothing', () => {
  const items = ['a', '<b>'].map((item) => html`<i>${item}</i>`);
  expect(html`<p>${items}${null}${undefined}${false}${0}</p>`.text).toBe('<p><i>a</i><i>&lt;b&gt;</i>0</p>');
});

test('an object that looks like html is not trusted', () => {
  const forged = { text: '<script>' } as unknown as string; // -- what a JSON body could bring
  expect(() => html`${forged}`).toThrow();
});

test('a page escapes its title and works without script', () => {
  const { text } = page('<title>', html`<p>x</p>`).content;
  expect(text).toContain('<h1>&lt;title&gt;</h1>');
  expect(text).not.toContain('<script');
  expect(text).toContain('lang="en"');
});
