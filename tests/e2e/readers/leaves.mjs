// What two mail parsers of the JavaScript world see: one line of JSON for each line of standard input, which names a
// file: {"postal-mime": [...], "mailparser": [...]}, the decoded leaves in base64.
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import PostalMime from 'postal-mime';

const require = createRequire(import.meta.url);
// mailparser's own splitter and decoders; what it makes of the texts (HTML from plain, links) is no matter of MIME.
const { Splitter } = createRequire(require.resolve('mailparser'))('mailsplit');

const base64 = data => Buffer.from(data ?? []).toString('base64');

async function postalMime(raw) {
    const parser = new PostalMime();
    // It decodes texts last, and stops at a charset that it does not know; by then it has taken the message apart.
    await parser.parse(raw).catch(error => {
        if (error.code !== 'ERR_ENCODING_NOT_SUPPORTED') throw error;
    });
    const found = [];
    const walk = async node => {
        if (node.contentType.parsed?.value === 'message/rfc822') {
            found.push(...await postalMime(node.content));
        } else if (!node.contentType.multipart) {
            found.push(base64(node.content));
        }
        for (const child of node.childNodes) await walk(child);
    };
    await walk(parser.root);
    return found;
}

function mailparser(raw) {
    return new Promise((resolve, reject) => {
        const leaves = new Map();
        const splitter = new Splitter();
        splitter.on('data', each => {
            if (each.type === 'node' && !each.multipart) leaves.set(each, []);
            else if (each.type === 'body' && leaves.has(each.node)) leaves.get(each.node).push(each.value);
        });
        splitter.on('error', reject);
        splitter.on('end', async () => {
            const found = [];
            for (const [node, chunks] of leaves) {
                const decoder = node.getDecoder();
                decoder.end(Buffer.concat(chunks));
                const data = [];
                for await (const chunk of decoder) data.push(chunk);
                if (node.rfc822) found.push(...await mailparser(Buffer.concat(data)));
                else found.push(base64(Buffer.concat(data)));
            }
            resolve(found);
        });
        splitter.end(raw);
    });
}

for await (const file of createInterface({ input: process.stdin })) {
    const raw = readFileSync(file);
    console.log(JSON.stringify({ 'postal-mime': await postalMime(raw), mailparser: await mailparser(raw) }));
}
