// Reads files as Docusaurus does, up to MDX's tree. Lines in: {"math": …, "text": …} as JSON. Lines out: what is in it.
// The packages are looked for beside the copy of this file that the tests make.
import {createRequire} from 'node:module';
import {createInterface} from 'node:readline';
import {join} from 'node:path';
import {unified} from 'unified';
import remarkParse from 'remark-parse';
import remarkMdx from 'remark-mdx';
import remarkGfm from 'remark-gfm';
import remarkDirective from 'remark-directive';
import remarkFrontmatter from 'remark-frontmatter';
import remarkMath from 'remark-math';
import remarkComment from '@slorber/remark-comment';

const require = createRequire(import.meta.url);
const utils = require('@docusaurus/utils');
const preprocess = require(join(process.cwd(), 'node_modules/@docusaurus/mdx-loader/lib/preprocessor.js')).default;
const plain = unified()
  .use(remarkParse)
  .use(remarkMdx)
  .use(remarkFrontmatter)
  .use(remarkDirective)
  .use(remarkGfm)
  .use(remarkComment, {ast: true});
const withMath = plain().use(remarkMath);
const markdownConfig = {mdx1Compat: {headingIds: true, admonitions: true, comments: true}};

function* nodes(node) {
  yield node;
  for (const child of node.children ?? []) yield* nodes(child);
}

function described(node, source) {
  const found = {type: node.type};
  if (node.name) found.name = node.name;
  if (node.type.startsWith('mdx') && node.value) found.value = node.value;
  if (node.attributes) {
    found.attributes = Array.isArray(node.attributes)
      ? node.attributes.map((each) => `${each.name ?? '...'}=${each.value?.value ?? each.value ?? ''}`)
      : Object.keys(node.attributes);
  }
  if (node.type === 'link') {
    found.url = node.url;
    // A link that the transformation of texts made has no place; it holds nothing but text.
    found.starts = node.position ? source.slice(node.position.start.offset, node.position.start.offset + 1) : '';
  }
  return found;
}

for await (const line of createInterface({input: process.stdin})) {
  const {math, text} = JSON.parse(line);
  try {
    const parse = {filePath: 'x.md', fileContent: text, parseFrontMatter: utils.DEFAULT_PARSE_FRONT_MATTER};
    const {content} = await utils.parseMarkdownFile(parse);
    const source = preprocess({fileContent: content, filePath: 'x.md', markdownConfig, admonitions: true});
    const tree = (math ? withMath : plain).parse(source);
    const all = [...nodes(tree)];
    const shown = all.filter((node) => ['text', 'inlineCode', 'code', 'math', 'inlineMath'].includes(node.type));
    console.log(JSON.stringify({nodes: all.map((node) => described(node, source)), text: shown.map((node) => node.value).join('')}));
  } catch (error) {
    console.log(JSON.stringify({error: String(error.reason ?? error.stack), place: error.place ?? null}));
  }
}
