// Files as Docusaurus shows them: compiled with its plugins and rendered. Lines in: {"math": …, "text": …} as JSON.
// Lines out: {"html": …} or {"error": …}. The packages are looked for beside the copy of this file that the tests make.
import {createRequire} from 'node:module';
import {createInterface} from 'node:readline';
import {join} from 'node:path';
import {createElement} from 'react';
import * as runtime from 'react/jsx-runtime';
import {renderToStaticMarkup} from 'react-dom/server';
import {evaluate} from '@mdx-js/mdx';
import remarkGfm from 'remark-gfm';
import remarkDirective from 'remark-directive';
import remarkFrontmatter from 'remark-frontmatter';
import remarkEmoji from 'remark-emoji';
import remarkMath from 'remark-math';
import remarkComment from '@slorber/remark-comment';

const require = createRequire(import.meta.url);
const utils = require('@docusaurus/utils');
const loader = (name) => require(join(process.cwd(), 'node_modules/@docusaurus/mdx-loader/lib', name)).default;
const preprocess = loader('preprocessor.js');
const markdownConfig = {mdx1Compat: {headingIds: true, admonitions: true, comments: true}};
const plugins = [
  remarkFrontmatter,
  remarkDirective,
  [loader('remark/admonitions/index.js'), {keywords: ['note', 'tip', 'info', 'warning', 'danger'], extendDefaults: true}],
  [loader('remark/headings/index.js'), {anchorsMaintainCase: false}],
  remarkEmoji,
  loader('remark/details/index.js'),
  remarkGfm,
  remarkComment,
];
const end = [loader('remark/unusedDirectives/index.js'), loader('remark/mdx1Compat/codeCompatPlugin.js')];
const admonition = ({title, children}) =>
  createElement('div', {className: 'admonition'}, title ? createElement('p', null, title) : null, children);
const components = {admonition, mdxAdmonitionTitle: 'p', Details: 'details'};

console.error = () => {}; // what React says of elements within each other
for await (const line of createInterface({input: process.stdin})) {
  const {math, text} = JSON.parse(line);
  try {
    const parse = {filePath: 'x.md', fileContent: text, parseFrontMatter: utils.DEFAULT_PARSE_FRONT_MATTER};
    const {content} = await utils.parseMarkdownFile(parse);
    const source = preprocess({fileContent: content, filePath: 'x.md', markdownConfig, admonitions: true});
    const remarkPlugins = [...plugins, ...(math ? [remarkMath] : []), ...end];
    const {default: Content} = await evaluate(source, {...runtime, remarkPlugins, format: 'mdx'});
    console.log(JSON.stringify({html: renderToStaticMarkup(createElement(Content, {components}))}));
  } catch (error) {
    console.log(JSON.stringify({error: String(error.reason ?? error.stack)}));
  }
}
