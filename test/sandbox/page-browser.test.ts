import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findBrowser, startBrowser, scriptContrasts } from '../support/browser.ts';
import { startBench, type Bench } from './client.ts';

const program = findBrowser();
if (program === null) process.stderr.write('browser tests skipped: no Chromium found\n');

const HOSTILE =
  '<img src="http://127.0.0.1:9/x.png" onerror="document.title=1"> & "quotes" \u202Eturned\u200F';
const SHOWN = HOSTILE.replaceAll(/[\u202E\u200F]/g, '\uFFFD');
const NARROW = { width: 360, height: 740 };

describe.skipIf(program === null)('the page in Chromium', () => {
  let bench: Bench;
  let browser: Browser;

  beforeAll(async () => {
    bench = await startBench({ seed: 230 });
    browser = await startBrowser(program ?? '');
    await bench.create({ name: `Tagged ${'long'.repeat(40)}`, tags: [HOSTILE, 'x'.repeat(90)] });
    await bench.call('GET', `/instances/${'9'.repeat(300)}?tags[]=${'y'.repeat(200)}`);
    await bench.script(
      { on: 'GET /instances', do: 'drop' },
      { on: 'POST /instances', do: 'status', code: 503 },
    );
    await expect(bench.callUnchecked('GET', '/instances?pageSize=200')).rejects.toThrow();
  });
  afterAll(async () => {
    await browser.close();
    await bench.close();
  });

  /** Opens the page in a browser of its own, and gives what the browser complained of and what it asked others for. */
  async function open(
    options: BrowserContextOptions,
    look: (page: Page) => Promise<void>,
    path = '/',
  ): Promise<{ readonly complaints: readonly string[]; readonly elsewhere: readonly string[] }> {
    const root = `http://127.0.0.1:${bench.port}`;
    const context = await browser.newContext(options);
    try {
      const page = await context.newPage();
      const complaints: string[] = [];
      const elsewhere: string[] = [];
      page.on('console', (message) => complaints.push(`${message.type()}: ${message.text()}`));
      page.on('pageerror', (error) => complaints.push(error.message));
      page.on('requestfailed', (request) => complaints.push(`failed: ${request.url()}`));
      page.on('request', (request) => {
        if (!request.url().startsWith(`${root}/`)) elsewhere.push(request.url());
      });
      const answer = await page.goto(root + path);
      expect(answer?.status()).toBe(200);
      await look(page);
      return { complaints, elsewhere };
    } finally {
      await context.close();
    }
  }

  /** How far the page is wider than its window, and how many tables are wider than their box. */
  function measure(page: Page): Promise<{ readonly overflow: number; readonly scrolling: number }> {
    return page.evaluate(`({
      overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
      scrolling: [...document.querySelectorAll('.scroll')].filter((box) => box.scrollWidth > box.clientWidth).length,
    })`);
  }

  test.each([true, false])(
    'opens without a complaint and without a call elsewhere; JavaScript: %s',
    async (javaScriptEnabled) => {
      const seen = await open({ javaScriptEnabled }, async (page) => {
        expect(await page.title()).toBe(`instate sandbox at 127.0.0.1:${bench.port}`);
        for (const name of ['Accounts', 'Instances', 'Requests', 'Faults']) {
          const part = page.getByRole('region', { name, exact: true });
          expect(await part.getByRole('heading', { name, exact: true }).isVisible()).toBe(true);
          expect(await part.getByRole('table').first().isVisible()).toBe(true);
        }
        expect(await page.getByRole('rowheader').count()).toBeGreaterThan(100);
        expect(await page.getByRole('columnheader', { name: 'Dependents' }).isVisible()).toBe(true);
        // The policy lets the style in.
        expect(await page.evaluate(`getComputedStyle(document.querySelector('table')).borderCollapse`)).toBe(
          'collapse',
        );
      });
      expect(seen).toEqual({ complaints: [], elsewhere: [] });
    },
  );

  test.each(['light', 'dark'] as const)('is readable in %s', async (colorScheme) => {
    await open({ colorScheme }, async (page) => {
      const ratios = (await page.evaluate(
        scriptContrasts([
          'h1',
          'p.faint',
          'a',
          'caption',
          'thead th',
          'tbody th',
          'tbody a',
          'td',
          '.tags li',
          '.good',
          '.bad',
          '.warn',
          'pre code',
          'dd',
          'button',
          'input[type=search]',
        ]),
      )) as Readonly<Record<string, number>>;
      expect(Object.keys(ratios).length).toBeGreaterThan(5);
      for (const [what, ratio] of Object.entries(ratios)) expect([what, ratio >= 4.5]).toEqual([what, true]);
    });
  });

  test('light and dark differ', async () => {
    const colours = new Set<unknown>();
    for (const colorScheme of ['light', 'dark'] as const) {
      await open({ colorScheme }, async (page) => {
        colours.add(await page.evaluate(`getComputedStyle(document.body).backgroundColor`));
      });
    }
    expect(colours.size).toBe(2);
  });

  test('is no wider than a narrow window: its tables scroll by themselves', async () => {
    for (const path of ['/', '/?search=tagged', `/?search=${'w'.repeat(100)}`]) {
      await open({ viewport: NARROW }, async (page) => expect((await measure(page)).overflow).toBe(0), path);
    }
    await open({ viewport: NARROW }, async (page) => {
      expect((await measure(page)).scrolling).toBeGreaterThan(0);
    });
  });

  test('search and links work without JavaScript; hostile text is text', async () => {
    const seen = await open({ javaScriptEnabled: false }, async (page) => {
      await page.getByRole('link', { name: 'Next', exact: true }).click();
      expect(await page.getByText('Instances 101 to 200 of 231').isVisible()).toBe(true);
      await page.getByRole('link', { name: 'Previous', exact: true }).click();
      expect(await page.getByText('Instances 1 to 100 of 231').isVisible()).toBe(true);

      await page.getByRole('searchbox', { name: 'Name or tag' }).fill('<IMG src="http');
      await page.getByRole('button', { name: 'Search' }).click();
      const rows = page.getByRole('region', { name: 'Instances', exact: true }).locator('tbody tr');
      expect(await rows.count()).toBe(1);
      expect(await rows.first().getByText(SHOWN, { exact: true }).isVisible()).toBe(true);
      expect(await page.getByRole('searchbox', { name: 'Name or tag' }).inputValue()).toBe('<IMG src="http');
      expect(await page.locator('img, script').count()).toBe(0);
      await page.getByRole('link', { name: 'Show all' }).click();
      expect(await rows.count()).toBe(100);
    });
    expect(seen).toEqual({ complaints: [], elsewhere: [] });
  });

  test('a page of another site cannot reset the sandbox, nor read it', async () => {
    const other = await startBench();
    const context = await browser.newContext();
    try {
      const page = await context.newPage();
      await page.goto(`http://localhost:${other.port}/__sandbox/stats`);
      const target = `http://127.0.0.1:${bench.port}/__sandbox/reset`;
      await page.evaluate(`fetch('${target}', { method: 'POST', mode: 'no-cors' }).then(() => null)`);
      expect((await bench.control('GET', '/stats')).body).toMatchObject({ instances: 231 });
      const read = page.evaluate(
        `fetch('${target.replace('reset', 'stats')}').then((answer) => answer.text())`,
      );
      await expect(read).rejects.toThrow();
    } finally {
      await context.close();
      await other.close();
    }
  });
});
