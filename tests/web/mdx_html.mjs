// Files as Docusaurus shows them: compiled with its plugins and rendered, {"html": …}.
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
import {answer, loader} from './mdx_read.mjs';

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
await answer(async (source, math) => {
  const remarkPlugins = [...plugins, ...(math ? [remarkMath] : []), ...end];
  const {default: Content} = await evaluate(source, {...runtime, remarkPlugins, format: 'mdx'});
  return {html: renderToStaticMarkup(createElement(Content, {components}))};
});
