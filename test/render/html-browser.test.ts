import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { renderHtml } from '../../src/render/report-html.ts';
import { sortItems, type Report, type ReportItem } from '../../src/render/report.ts';
import { findBrowser, startBrowser, scriptContrasts } from '../support/browser.ts';

const program = findBrowser();
if (program === null) process.stderr.write('browser tests skipped: no Chromium found\n');

const kinds = [
  ['changed', 'error', true],
  ['missing', 'error', true],
  ['disabled', 'warning', false],
  ['unmanaged', 'note', false],
] as const;

/** The nth of many findings: a quarter of each kind, a third of each element. */
function makeItem(n: number): ReportItem {
  const [kind, level, fails] = kinds[n % 4] ?? kinds[0];
  const isManaged = kind !== 'unmanaged';
  return {
    ...{ rule: `drift/${kind}`, kind, level, fails, instanceId: 400_000 + n, text: 'differs from live' },
    address: isManaged ? `team-${String(n)}` : null,
    element: ['closeio', 'zendesk', 'insightly'][n % 3] ?? '',
    name: `Connector ${String(n)} of the Team`,
    details: fails ? ['reads env:SECRET'] : [],
    fields:
      kind === 'changed'
        ? [
            { path: 'tags', live: 'crm, us, test', declared: 'crm, us' },
            { path: 'configuration.password', live: null, declared: '(sensitive)' },
          ]
        : [],
    place: isManaged ? { file: 'teams/instate.yaml', line: n + 1, column: 3 } : null,
  };
}

function makeReport(n: number, given: Partial<Report> = {}): Report {
  return {
    ...{ command: 'drift', project: 'crm', host: 'api.example.com', version: '1.2.3', ms: 312, ok: false },
    answered: true,
    ...{ timestamp: '2026-11-23T00:00:00.000Z', summary: `Drift: ${String(n)} findings.` },
    ...{
      digest: 'sha256:c2cc',
      next: 'instate apply --expect-digest sha256:c2cc',
      facts: ['7 declared, 6 recorded, 8 live'],
      outputs: {},
    },
    items: sortItems(Array.from({ length: n }, (_, at) => makeItem(at))),
    home: { file: 'instate.yaml', line: 1, column: 1 },
    ...given,
  };
}

const HOSTILE = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  `' autofocus onfocus='alert(1)`,
  'a &amp; b  </style></script></title><!-- {{7*7}}',
  'turned\u202e\u200f\nover',
  'half \ud800 pair',
  'w'.repeat(500),
];
const SHOWN = HOSTILE.map((text) =>
  text.replace('\u202e\u200f\n', '\\u{202e}\\u{200f}\\u{a}').replace('\ud800', '\ufffd'),
);
const hostileReport = makeReport(0, {
  ...{ project: HOSTILE.join(), host: HOSTILE.join(), summary: HOSTILE.join(), next: HOSTILE.join() },
  facts: HOSTILE,
  items: HOSTILE.map((text) => ({
    ...makeItem(0),
    ...{ kind: text, address: text, element: text, name: text, text, details: [text] },
    fields: [{ path: text, live: text, declared: text }],
    place: { file: text, line: 1, column: 1 },
  })),
});
const NARROW = { width: 360, height: 740 };

describe.skipIf(program === null)('an HTML report in Chromium', () => {
  let browser: Browser;
  let folder: string;

  beforeAll(async () => {
    browser = await startBrowser(program ?? '');
    folder = await mkdtemp(join(tmpdir(), 'instate-html-'));
  });
  afterAll(async () => {
    await browser.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** Opens the report as a file, and makes sure that the browser complains of nothing and asks for nothing else. */
  async function open(
    report: Report,
    look: (page: Page) => Promise<void>,
    { hash = '', ...options }: BrowserContextOptions & { readonly hash?: string } = {},
  ): Promise<void> {
    const file = join(folder, 'report.html');
    await writeFile(file, renderHtml(report));
    const context = await browser.newContext(options);
    try {
      const page = await context.newPage();
      const noticed: string[] = [];
      page.on('console', (message) => noticed.push(`${message.type()}: ${message.text()}`));
      page.on('pageerror', (error) => noticed.push(error.message));
      page.on('dialog', (dialog) => noticed.push(`dialog: ${dialog.message()}`));
      page.on('request', (request) => noticed.push(request.url()));
      const url = `${pathToFileURL(file).href}${hash}`;
      await page.goto(url);
      await look(page);
      expect(noticed.map((one) => one.split('#')[0])).toEqual([url.split('#')[0]]);
    } finally {
      await context.close();
    }
  }

  const count = (page: Page) => page.getByRole('status').innerText();
  const visible = (page: Page) => page.locator('article:visible').count();

  test('without JavaScript all items are there to see, and no filter is', async () => {
    await open(
      makeReport(40),
      async (page) => {
        expect(await page.title()).toBe('instate drift: crm');
        expect(await visible(page)).toBe(40);
        expect(await page.getByText('team-38', { exact: true }).isVisible()).toBe(true);
        expect(await page.getByText('disabled 10', { exact: true }).isVisible()).toBe(true);
        expect(await page.locator('input:visible, button:visible').count()).toBe(0);
        expect(await count(page)).toBe('40 findings');
        expect(await page.locator('main').textContent()).toContain('Connector 39 of');
      },
      { javaScriptEnabled: false },
    );
  });

  test.each([true, false])('hostile text is text; JavaScript: %s', async (javaScriptEnabled) => {
    await open(
      hostileReport,
      async (page) => {
        expect(await page.title()).toContain(SHOWN[0]);
        const articles = page.locator('article');
        expect(await articles.count()).toBe(HOSTILE.length);
        for (const [at, shown] of SHOWN.entries()) {
          const article = articles.nth(at);
          expect(await article.locator('.kind').textContent()).toBe(shown);
          expect(await article.locator('bdi').textContent()).toBe(`"${shown}"`);
          expect(await article.locator('> p:not([class])').textContent()).toBe(shown);
          expect(await article.locator('li').textContent()).toBe(shown);
          expect(await article.locator('td').allTextContents()).toEqual([shown, shown]);
          expect(await article.locator('.place').textContent()).toBe(`${shown}:1:1`);
        }
        expect(
          await page.locator('img, script:not(body > script), iframe, [onerror], [onfocus]').count(),
        ).toBe(0);
        expect(await page.locator('script, style').count()).toBe(2);
      },
      { javaScriptEnabled },
    );
  });

  test('the search finds every word of an item, in any case, and nothing else', async () => {
    await open(makeReport(40), async (page) => {
      const search = page.getByRole('searchbox', { name: 'Search' });
      expect(await count(page)).toBe('40 of 40 shown');
      for (const [words, left] of [
        ['CONNECTOR', 40],
        ['connector 400007 team', 1],
        ['#400039', 1],
        ['teams/instate.yaml:13:3', 1],
        ['crm, us, test', 10],
        ['zendesk fails', 7],
        ['  ', 40],
        ['<b>', 0],
      ] as const) {
        await search.fill(words);
        expect([words, await count(page), await visible(page)]).toEqual([
          words,
          `${String(left)} of 40 shown`,
          left,
        ]);
      }
    });
  });

  test('checked boxes of a row add up, rows narrow each other, and clear lets go of all', async () => {
    await open(makeReport(40), async (page) => {
      const steps = [
        ['changed 10', 10],
        ['missing 10', 20],
        ['disabled 10', 30],
        ['error 20', 20],
        ['fails the run 20', 20],
        ['does not fail 20', 20],
      ] as const;
      for (const [name, left] of steps) {
        await page.getByRole('checkbox', { name, exact: true }).check();
        expect([name, await count(page), await visible(page)]).toEqual([
          name,
          `${String(left)} of 40 shown`,
          left,
        ]);
      }
      await page.getByRole('searchbox').fill('zendesk');
      await page.getByRole('button', { name: 'Clear' }).click();
      expect(await count(page)).toBe('40 of 40 shown');
      expect(await page.locator('input:checked').count()).toBe(0);
      expect(await page.getByRole('searchbox').inputValue()).toBe('');
    });
  });

  test('keys do what the mouse does', async () => {
    await open(makeReport(40), async (page) => {
      await page.keyboard.press('Tab');
      await page.keyboard.press('Space');
      expect(await count(page)).toBe('20 of 40 shown');
      expect(await page.evaluate(`getComputedStyle(document.activeElement).outlineStyle`)).toBe('solid');
      await page.getByRole('searchbox').focus();
      await page.keyboard.type('zendesk');
      await page.keyboard.press('Enter');
      expect(await count(page)).toBe('7 of 40 shown');
    });
  });

  test('the address keeps the filter, to be shared', async () => {
    await open(makeReport(40), async (page) => {
      await page.getByRole('checkbox', { name: 'missing 10' }).check();
      await page.getByRole('searchbox').fill('zendesk & more');
      await page.waitForURL(/#kind=missing&search=zendesk\+%26\+more$/);
      await page.getByRole('button', { name: 'Clear' }).click();
      await page.waitForURL(/html$/);
      await page.evaluate(`location.hash = '#level=note&search=closeio'`);
      await page.getByText('4 of 40 shown').waitFor();
    });
    await open(
      makeReport(40),
      async (page) => {
        expect(await count(page)).toBe('4 of 40 shown');
        expect(await page.getByRole('checkbox', { name: 'missing 10' }).isChecked()).toBe(true);
        expect(await page.getByRole('searchbox').inputValue()).toBe('zendesk');
      },
      { hash: '#kind=missing&search=zendesk&nothing=1' },
    );
  });

  test.each([
    [1000, 250],
    [10_000, 2500],
  ])('%i findings open and filter quickly', async (n, quarter) => {
    const report = makeReport(n);
    const started = performance.now();
    await open(report, async (page) => {
      await page.evaluate(NEXT_FRAME);
      const opened = performance.now() - started;
      const search = (words: string) => `(async () => {
        const started = performance.now();
        const field = document.querySelector('[type=search]');
        field.value = '${words}';
        field.dispatchEvent(new Event('input', { bubbles: true }));
        await ${NEXT_FRAME};
        return performance.now() - started;
      })()`;
      const narrowed = Number(await page.evaluate(search('disabled')));
      expect(await count(page)).toBe(`${write(quarter)} of ${write(n)} shown`);
      const widened = Number(await page.evaluate(search('')));
      expect(await count(page)).toBe(`${write(n)} of ${write(n)} shown`);
      const bytes = write(Buffer.byteLength(renderHtml(report)));
      process.stdout.write(
        `${write(n)} findings: ${bytes} bytes, open ${ms(opened)}, narrow ${ms(narrowed)}, widen ${ms(widened)}\n`,
      );
    });
  });

  test.each([
    ['many', makeReport(40)],
    ['hostile', hostileReport],
    ['none', makeReport(0, { ok: true })],
  ])('is no wider than a narrow window: %s', async (_name, report) => {
    await open(
      report,
      async (page) => {
        const wide = `document.documentElement.scrollWidth - document.documentElement.clientWidth`;
        expect(await page.evaluate(wide)).toBe(0);
        await page.locator('footer').scrollIntoViewIfNeeded();
        expect(await page.evaluate(wide)).toBe(0);
      },
      { viewport: NARROW },
    );
  });

  test.each(['light', 'dark'] as const)('is readable in %s', async (colorScheme) => {
    for (const ok of [true, false]) {
      await open(
        makeReport(8, { ok }),
        async (page) => {
          const ratios = (await page.evaluate(
            scriptContrasts([
              'h1',
              '.faint',
              '.verdict',
              'pre code',
              'legend',
              'fieldset label',
              '.find label',
              '.find input',
              'button',
              '.kind',
              '.who',
              '.level',
              'article p',
              'th',
              'td',
              '.place',
              'footer p',
            ]),
          )) as Readonly<Record<string, number>>;
          expect(Object.keys(ratios).length).toBeGreaterThan(12);
          for (const [what, ratio] of Object.entries(ratios))
            expect([what, ratio >= 4.5]).toEqual([what, true]);
        },
        { colorScheme },
      );
    }
  });

  test('light and dark differ; on paper it is light, and has no filters', async () => {
    const behind = `getComputedStyle(document.body).backgroundColor`;
    await open(makeReport(8), async (page) => expect(await page.evaluate(behind)).toBe('rgb(255, 255, 255)'));
    await open(
      makeReport(8),
      async (page) => {
        expect(await page.evaluate(behind)).not.toBe('rgb(255, 255, 255)');
        await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
        expect(await page.evaluate(behind)).toBe('rgb(255, 255, 255)');
        expect(await page.locator('input:visible, button:visible').count()).toBe(0);
        expect(await page.getByText('changed 2', { exact: true }).isVisible()).toBe(true);
        expect(await visible(page)).toBe(8);
      },
      { colorScheme: 'dark' },
    );
  });
});

function write(n: number): string {
  return n.toLocaleString('en-US');
}

function ms(n: number): string {
  return `${n.toFixed(0)} ms`;
}

/** Run in the page: until what was changed is drawn. */
const NEXT_FRAME = `new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)))`;
