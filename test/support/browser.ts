import { accessSync, constants } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';

/** Where a Chromium of the machine is: named by CHROMIUM_PATH, or where packages put it; null if there is none. */
export function findBrowser(): string | null {
  const places = [process.env['CHROMIUM_PATH'] ?? '', '/usr/bin/chromium', '/usr/bin/google-chrome'];
  return places.find((place) => place !== '' && isProgram(place)) ?? null;
}

/** Starts it without a window. It gets nothing from anywhere but what a test opens. */
export function startBrowser(executablePath: string): Promise<Browser> {
  return chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

function isProgram(place: string): boolean {
  try {
    accessSync(place, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** To be run in a page: the contrast of text against what is behind it, by element (WCAG 2); `wanted`: selectors. */
export function scriptContrasts(wanted: readonly string[]): string {
  return `(() => {
  const read = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const shine = (colour) => {
    const [r, g, b] = read(colour).map((part) => part / 255).map((part) =>
      part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    const colour = getComputedStyle(element).backgroundColor;
    const alpha = read(colour)[3];
    return alpha === 0 && element.parentElement !== null ? behind(element.parentElement) : colour;
  };
  const wanted = ${JSON.stringify(wanted)};
  return Object.fromEntries(wanted.flatMap((name) => [...document.querySelectorAll(name)].map((element) => {
    const [one, other] = [shine(getComputedStyle(element).color), shine(behind(element))].sort((a, b) => b - a);
    return [name + ' ' + getComputedStyle(element).color + ' on ' + behind(element), (one + 0.05) / (other + 0.05)];
  })));
})()`;
}
