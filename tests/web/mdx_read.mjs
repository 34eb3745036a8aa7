// What the readers of MDX share: files come in as lines of JSON, {"math": …, "text": …}, and each gives a line of JSON.
// The packages are looked for beside the copies of these files that the tests make.
import {createRequire} from 'node:module';
import {createInterface} from 'node:readline';
import {join} from 'node:path';

export const require = createRequire(import.meta.url);
export const loader = (name) => require(join(process.cwd(), 'node_modules/@docusaurus/mdx-loader/lib', name)).default;
const utils = require('@docusaurus/utils');
const preprocess = loader('preprocessor.js');
const markdownConfig = {mdx1Compat: {headingIds: true, admonitions: true, comments: true}};

/** A file's content after Docusaurus' own rewriting. */
async function preprocessed(text) {
  const parse = {filePath: 'x.md', fileContent: text, parseFrontMatter: utils.DEFAULT_PARSE_FRONT_MATTER};
  const {content} = await utils.parseMarkdownFile(parse);
  return preprocess({fileContent: content, filePath: 'x.md', markdownConfig, admonitions: true});
}

/** Answer each file that comes in, or say why it cannot be read. */
export async function answer(read) {
  for await (const line of createInterface({input: process.stdin})) {
    const {math, text} = JSON.parse(line);
    try {
      console.log(JSON.stringify(await read(await preprocessed(text), math)));
    } catch (error) {
      console.log(JSON.stringify({error: String(error.reason ?? error.stack), place: error.place ?? null}));
    }
  }
}
