// Reads files as Docusaurus does, up to MDX's tree: its nodes, and its text.
import {unified} from 'unified';
import remarkParse from 'remark-parse';
import remarkMdx from 'remark-mdx';
import remarkGfm from 'remark-gfm';
import remarkDirective from 'remark-directive';
import remarkFrontmatter from 'remark-frontmatter';
import remarkMath from 'remark-math';
import remarkComment from '@slorber/remark-comment';
import {answer} from './mdx_read.mjs';

const plain = unified()
  .use(remarkParse)
  .use(remarkMdx)
  .use(remarkFrontmatter)
  .use(remarkDirective)
  .use(remarkGfm)
  .use(remarkComment, {ast: true});
const withMath = plain().use(remarkMath);

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

await answer(async (source, math) => {
  const all = [...nodes((math ? withMath : plain).parse(source))];
  const shown = all.filter((node) => ['text', 'inlineCode', 'code', 'math', 'inlineMath'].includes(node.type));
  return {nodes: all.map((node) => described(node, source)), text: shown.map((node) => node.value).join('')};
});
