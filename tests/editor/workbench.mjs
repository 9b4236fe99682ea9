// What a user does in a window of VS Code, by keys and clicks, and what they see there.
import fs from 'node:fs';
import path from 'node:path';
import { SCREENSHOTS } from './places.mjs';

/** @typedef {import('playwright-core').Locator} Locator */

export class Workbench {
  /** @param {import('playwright-core').Page} page */
  constructor(page) {
    this.page = page;
  }

  /**
   * The text editor of a file, by the end of its address.
   * @param {string} name
   */
  editor(name) {
    return this.page.locator(`.editor-group-container .monaco-editor[data-uri*="${name}"]`).first();
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
  async waitForText(editor, pattern, patience = 60_000) {
    const end = Date.now() + patience;
    for (;;) {
      const text = await this.text(editor);
      if (pattern.test(text)) {
        return text;
      }
      if (Date.now() > end) {
        throw new Error(`${pattern} did not appear in:\n${text}`);
      }
      await this.page.waitForTimeout(25);
    }
  }

  /**
   * What decorations add at the end of the line that holds a text. (They are drawn by style sheets, not as text.)
   * @param {Locator} editor
   * @param {string} text
   */
  async annotation(editor, text) {
    const line = editor
      .locator('.view-lines > .view-line')
      .filter({ hasText: text.replaceAll(' ', '\u00a0') })
      .first();
    const parts = await line.evaluate((node) =>
      Array.from(node.querySelectorAll('*'), (element) => getComputedStyle(element, '::after').content),
    );
    return parts.filter((part) => part.startsWith('"')).join(' ');
  }

  /** Waits until the extension is active, which brings its item in the status bar, and its server answers. */
  async ready() {
    await this.status().waitFor({ timeout: 60_000 });
    await this.status().locator('.codicon-loading').waitFor({ state: 'detached' });
  }

  /**
   * Runs a command by its title in the palette.
   * @param {string} title
   */
  async command(title) {
    await this.page.keyboard.press('F1');
    const input = this.page.locator('.quick-input-widget input[type=text]');
    await input.waitFor();
    await input.fill(`>${title}`);
    await this.page.locator('.quick-input-list .monaco-list-row').filter({ hasText: title }).first().waitFor();
    await this.page.keyboard.press('Enter');
  }

  /**
   * Opens a file of the workspace by its name. The list is drawn anew while VS Code still searches, which can swallow a choice: then
   * the file is asked for again.
   * @param {string} name
   */
  async openFile(name) {
    for (let attempts = 3; ; attempts -= 1) {
      await this.page.keyboard.press('Control+p');
      const input = this.page.locator('.quick-input-widget input[type=text]');
      await input.waitFor();
      await input.fill(name);
      await this.page
        .locator('.quick-input-list .monaco-list-row')
        .filter({ has: this.page.locator('.label-name').getByText(name, { exact: true }) })
        .first()
        .click();
      try {
        await this.editor(name).waitFor({ timeout: 20_000 });
        return;
      } catch (error) {
        await this.screenshot(`not-opened-${name}`);
        if (attempts === 1) {
          throw error;
        }
        await this.page.keyboard.press('Escape');
      }
    }
  }

  /** @param {number} line @param {number} [column] */
  async goTo(line, column = 1) {
    await this.page.keyboard.press('Control+g');
    const input = this.page.locator('.quick-input-widget input[type=text]');
    await input.waitFor();
    await input.fill(`:${line}:${column}`);
    await this.page.keyboard.press('Enter');
    await input.waitFor({ state: 'hidden' });
  }

  /**
   * Points the mouse at the last place of a word and returns the hover's text once it shows what is expected.
   * @param {Locator} editor
   * @param {string} word
   * @param {RegExp} expected
   */
  async hover(editor, word, expected) {
    const target = editor.locator('.view-line span span', { hasText: word }).last();
    const box = this.page.locator('.monaco-hover:visible').filter({ hasText: expected });
    await target.hover();
    await box.first().waitFor();
    return (await box.first().innerText()).replace(/\u00a0/g, ' ');
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

  /** @param {string} name */
  async screenshot(name) {
    fs.mkdirSync(SCREENSHOTS, { recursive: true });
    await this.page.screenshot({ path: path.join(SCREENSHOTS, `${name}.png`) });
  }
}
