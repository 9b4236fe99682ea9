// What a user does in a window of VS Code, by keys and clicks, and what they see there. Everything waits for what is on screen
// afterwards, and what VS Code can swallow while it draws a list or a hover anew is done again.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { MINUTES, SCREENSHOTS } from './places.mjs';

/** @typedef {import('playwright-core').Locator} Locator */

/** Options of a test. What it waits for comes in seconds, but on a machine that is busy with other things in minutes. */
export const LONG = { timeout: 900_000 };
/** How often something that can be swallowed is tried, and how long each time. */
const ATTEMPTS = 4;
const PATIENCE = 30_000;
const STARTING = 90_000;

export class Workbench {
  /**
   * @param {import('playwright-core').Page} page
   * @param {string} name
   */
  constructor(page, name) {
    this.page = page;
    this.name = name;
    this.input = page.locator('.quick-input-widget input[type=text]');
  }

  /**
   * A window of an editor with a file in it, once the extension is active there. On a busy machine VS Code can miss its extension
   * host's first word, and waits for it forever: then the window is loaded again.
   * @param {import('./editor.mjs').Editor} editor
   * @param {{ file: string, width?: number, height?: number }} options
   */
  static async open(editor, options) {
    const workbench = new Workbench(await editor.open(options), editor.name);
    await workbench.attempt(`open-${editor.name}`, async () => {
      await workbench.editor(options.file).waitFor({ timeout: STARTING });
      try {
        await workbench.status().waitFor({ timeout: STARTING });
      } catch (error) {
        await workbench.page.reload({ waitUntil: 'commit' });
        throw error;
      }
    });
    return workbench;
  }

  /**
   * Keeps a picture of the window as it is when a test has failed; for `afterEach`.
   * @param {import('node:test').TestContext | import('node:test').SuiteContext} test
   */
  async pictureOfFailure(test) {
    if ('passed' in test && !test.passed) {
      await this.screenshot(`failed-${this.name}-${test.name}`);
    }
  }

  /**
   * The text editor of a file, by the end of its address.
   * @param {string} name
   */
  editor(name) {
    return this.page.locator(`.editor-group-container .monaco-editor[data-uri*="${name}"]`).first();
  }

  /**
   * Puts the focus into an editor. (A click could hit a link over a function.)
   * @param {Locator} editor
   */
  async focus(editor) {
    await this.attempt('focus', async () => {
      await editor.locator('.native-edit-context, textarea.inputarea').first().focus({ timeout: PATIENCE });
      await until('the editor to have the focus', () =>
        editor.evaluate((node) => node.classList.contains('focused') || node.querySelector('.focused') !== null),
      );
    });
  }

  /**
   * The lines on screen, in order. (The editor draws only those, places them freely, and writes spaces as NBSP.)
   * @param {Locator} editor
   */
  async text(editor) {
    return editor.locator('.view-lines > .view-line').evaluateAll((lines) =>
      lines
        .map((line) => ({ top: parseFloat(/** @type {HTMLElement} */ (line).style.top), text: line.textContent ?? '' }))
        .sort((a, b) => a.top - b.top)
        .map(({ text }) => text.replace(/\u00a0/g, ' '))
        .join('\n'),
    );
  }

  /**
   * Waits until the lines on screen match, and returns them.
   * @param {Locator} editor
   * @param {RegExp} pattern
   */
  async waitForText(editor, pattern) {
    let text = '';
    await until(
      () => `${pattern} in:\n${text}`,
      async () => {
        text = await this.text(editor);
        return pattern.test(text);
      },
      MINUTES,
    );
    return text;
  }

  /**
   * What decorations add at the end of the line that holds a text, once it matches. (They are drawn by style sheets, not as text.)
   * @param {Locator} editor
   * @param {string} text
   * @param {RegExp} pattern
   */
  async waitForAnnotation(editor, text, pattern) {
    const lines = editor.locator('.view-lines > .view-line').filter({ hasText: text.replaceAll(' ', '\u00a0') });
    let found = '';
    await until(
      () => `${pattern} beside ${text}, where there is: ${found}`,
      async () => {
        const parts = await lines.evaluateAll((nodes) =>
          Array.from(nodes[0]?.querySelectorAll('*') ?? [], (part) => getComputedStyle(part, '::after').content),
        );
        found = parts.filter((part) => part.startsWith('"')).join(' ');
        return pattern.test(found);
      },
      MINUTES,
    );
  }

  /** Waits until the server answers. */
  async ready() {
    await this.status().locator('.codicon-loading').waitFor({ state: 'detached' });
  }

  /**
   * Runs a command by its title in the palette.
   * @param {string} title
   */
  async command(title) {
    await this.attempt(title, () => this.pick('F1', `>${title}`, title));
  }

  /**
   * Opens a file of the workspace by its name.
   * @param {string} name
   */
  async openFile(name) {
    await this.attempt(`open ${name}`, async () => {
      await this.pick('Control+p', name, name);
      await this.editor(name).waitFor({ timeout: PATIENCE });
    });
  }

  /** @param {number} line @param {number} [column] */
  async goTo(line, column = 1) {
    await this.attempt(`go to line ${line}`, async () => {
      await this.page.keyboard.press('Control+g');
      await this.input.waitFor({ timeout: PATIENCE });
      await this.input.fill(`:${line}:${column}`);
      await this.page.keyboard.press('Enter');
      await this.input.waitFor({ state: 'hidden', timeout: PATIENCE });
      await this.page
        .locator('.statusbar-item', { hasText: `Ln ${line}, Col ${column}` })
        .waitFor({ timeout: PATIENCE });
    });
  }

  /**
   * Points the mouse at the last place of a word and returns the hover's text once it shows what is expected.
   * @param {Locator} editor
   * @param {string} word
   * @param {RegExp} expected
   */
  async hover(editor, word, expected) {
    const target = editor.locator('.view-line span span', { hasText: word }).last();
    const box = this.page.locator('.monaco-hover:visible').filter({ hasText: expected }).first();
    await this.attempt(`hover over ${word}`, async () => {
      await this.page.mouse.move(600, 5);
      await target.hover({ timeout: PATIENCE });
      await box.waitFor({ timeout: PATIENCE });
    });
    return (await box.innerText()).replace(/\u00a0/g, ' ');
  }

  /**
   * What the page of running extensions says of an extension's activation. It lists the slowest first and draws only what is on
   * screen: the quicker an extension is, the further down it has to be looked for.
   * @param {string} name
   */
  async activationTime(name) {
    const rows = this.page.locator('.runtime-extensions-editor .extension');
    const times = rows.filter({ hasText: name }).locator('.activation-time');
    await rows.first().waitFor();
    await rows.first().hover();
    await until(`${name} among the running extensions`, async () => {
      if ((await times.count()) > 0) {
        return true;
      }
      await this.page.mouse.wheel(0, 150);
      return false;
    });
    return times.first().innerText();
  }

  /**
   * How long an extension itself took to be loaded and activated, in milliseconds. VS Code's own number begins before it waits for
   * its turn, and so counts the loading of others that begin to be activated at the same moment.
   * @param {string} id
   */
  async ownActivationTime(id) {
    await this.command('Developer: Startup Performance');
    const page = this.editor('Startup%20Performance').or(this.editor('perf:')).first();
    await page.waitFor();
    let text = '';
    await until(
      () => `${id} among the times of the start, in:\n${text}`,
      async () => {
        await this.focus(page);
        await this.page.keyboard.press('Control+a');
        await this.page.keyboard.press('Control+c');
        text = await this.page.evaluate(() => navigator.clipboard.readText());
        return text.includes(`didLoadExtensionCode/${id}`);
      },
    );
    const mark = (/** @type {string} */ name) =>
      Number(new RegExp(`code/extHost/${name}/${id}\\s+([\\d.]+)`).exec(text)?.[1]);
    const head = /^\|?\s*Extension\s*\|.*$/m.exec(text)?.[0].split('|') ?? [];
    const row = new RegExp(`^\\|?\\s*${id}\\s*\\|.*$`, 'm').exec(text)?.[0].split('|') ?? [];
    const call = Number(row[head.findIndex((title) => title.trim() === 'Call Activate')]);
    return mark('didLoadExtensionCode') - mark('willLoadExtensionCode') + call;
  }

  /** @param {string | RegExp} text */
  notification(text) {
    return this.page.locator('.notification-toast').filter({ hasText: text }).first();
  }

  status() {
    return this.page
      .locator('.statusbar-item[id="diptych.diptych.diptych.status"], .statusbar-item[id*="diptych.status"]')
      .first();
  }

  /**
   * Keeps a picture of the window.
   * @param {string} name
   */
  async screenshot(name) {
    const file = `${name.replace(/[^\w.-]+/g, '-')}.png`;
    fs.mkdirSync(SCREENSHOTS, { recursive: true });
    return this.page.screenshot({ path: path.join(SCREENSHOTS, file) });
  }

  /**
   * Keeps a picture of the window once nothing moves in it any more.
   * @param {string} name
   */
  async stillPicture(name) {
    let last = await this.screenshot(name);
    await until('the window to be still', async () => {
      const before = last;
      last = await this.screenshot(name);
      return last.equals(before);
    });
  }

  /**
   * Does something again that had no effect. Each failure leaves a picture.
   * @template T
   * @param {string} what
   * @param {() => Promise<T>} step
   * @returns {Promise<T>}
   */
  async attempt(what, step) {
    for (let number = 1; ; number++) {
      try {
        return await step();
      } catch (error) {
        await this.screenshot(`attempt-${number}-${what}`);
        if (number === ATTEMPTS) {
          throw error;
        }
        await this.page.keyboard.press('Escape');
      }
    }
  }

  /**
   * Chooses from the list at the window's top: opens it with a key, types, and presses Enter once the wanted item has the focus.
   * @param {string} key
   * @param {string} text
   * @param {string} label
   */
  async pick(key, text, label) {
    const rows = this.page.locator('.quick-input-list .monaco-list-row');
    const exact = { hasText: new RegExp(`^${label.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`) };
    const wanted = rows.filter({ has: this.page.locator('.label-name', exact) }).first();
    await this.page.keyboard.press(key);
    await this.input.waitFor({ timeout: PATIENCE });
    await this.input.fill(text);
    await wanted.waitFor({ timeout: PATIENCE });
    await this.page.locator('.quick-input-widget .monaco-progress-container.active').waitFor({ state: 'hidden' });
    await until(`${label} to have the focus`, async () => {
      const focused = /\bfocused\b/.test((await wanted.getAttribute('class', { timeout: PATIENCE })) ?? '');
      if (!focused) {
        await this.page.keyboard.press('ArrowDown');
      }
      return focused;
    });
    await this.page.keyboard.press('Enter');
    // What was chosen may open a list of its own.
    const open = async () => (await this.input.isVisible()) && (await this.input.inputValue()) === text;
    await until('the list to close', async () => !(await open()));
  }
}

/** How many times longer things take because the machine does other things, too: processes that are ready to run, to each core. */
export function busy() {
  return Math.max(1, (os.loadavg()[0] ?? 1) / os.availableParallelism());
}

/**
 * Waits until something holds.
 * @param {string | (() => string)} what
 * @param {() => boolean | Promise<boolean>} look
 */
export async function until(what, look, patience = PATIENCE) {
  const end = Date.now() + patience;
  while (!(await look())) {
    if (Date.now() > end) {
      throw new Error(`waited in vain for ${typeof what === 'string' ? what : what()}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
