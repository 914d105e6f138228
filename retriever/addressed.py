"""Sentences of documents that speak to a language model and not to a reader.

Such a sentence is no evidence: it is left out of quotes and of what models are shown, unless the
question is about such things. The patterns are of what is said to models (about their orders, their
role, their answer), not of orders as such: "press the button" is a manual's.
"""

import re
from functools import lru_cache

from retriever.containment import shadow, visible
from retriever.quoting import units

_LATEST = 4000  # characters of one sentence that are looked at


def _one_of(words: str) -> str:
    """A group of the alternatives in ``words``, which spaces part; "_" is a space inside one."""
    return f"(?:{'|'.join(words.split())})".replace("_", r"[ \t]+")


_WHICH = _one_of(
    r"all any every each the your my our these those this that of previous prior preceding earlier "
    r"above foregoing initial original former existing current system other safety"
)
_ORDERS = _one_of(
    r"instruction prompt direction directive guideline rule command context message constraint "
    r"training programming guardrail polic request"
)
_AI = _one_of(
    r"ai a\.i\. llm gpt chatgpt claude gemini copilot assistant chat_?bot bot "
    r"(?:large_)?language_model virtual_assistant artificial_intelligence"
)
_WHICH_RU = _one_of(
    r"вс[её] всех всеми всем любые любых эти этих сво[ийхюе]\w* тво[ийхюе]\w* ваш\w* прежн\w+ "
    r"предыдущ\w+ предшествующ\w+ выше\w* указанн\w+ данн\w+ системн\w+ изначальн\w+ исходн\w+ "
    r"первоначальн\w+ прошл\w+ други\w+ об? про"
)
_ORDERS_RU = _one_of(
    r"инструкц указан промпт правил команд сообщени контекст ограничени запрос директив подсказ "
    r"распоряжени"
)
_AI_RU = _one_of(
    r"ии llm gpt chatgpt гигачат ассистент\w* помощник\w* чат-?бот\w* бот\w* нейросет\w* "
    r"языков\w+_модел\w* искусственн\w+_интеллект\w*"
)
_START = r"^[^\w\n]*"

_PATTERNS = (
    # Drop your orders.
    rf"\b{_one_of('ignor(?:e|ing) disregard(?:ing)? forget overrid(?:e|ing) bypass neglect')}\W+"
    rf"(?:{_WHICH}\W+){{1,5}}{_ORDERS}",
    rf"\b(?:do not|don't|never) {_one_of('follow obey heed use')}\W+(?:{_WHICH}\W+){{0,3}}"
    rf"{_one_of('previous prior earlier above original system')}\W+(?:{_WHICH}\W+)?{_ORDERS}",
    rf"\b{_one_of('ignore disregard forget')} {_one_of('everything anything all what')}\b.{{0,30}}"
    rf"\b{_one_of('above before previous(?:ly)? earlier told said know learned')}\b",
    r"\b(?:(?:про)?игнориру\w*|забудь(?:те)?|отмени(?:те)?|пренебрег\w*|отбрось(?:те)?)"
    rf"\W+(?:{_WHICH_RU}\W+){{1,5}}{_ORDERS_RU}",
    r"\bне (?:следуй|обращай|учитывай|выполняй|соблюдай)(?:те)?\W+(?:внимани[ея]\W+на\W+)?"
    rf"(?:{_WHICH_RU}\W+){{1,5}}{_ORDERS_RU}",
    r"\b(?:забудь(?:те)?|(?:про)?игнориру\w*)\W+(?:обо? |про )?(?:вс[её]м?|что|том)\b.{0,30}"
    r"\b(?:выше|раньше|ранее|до этого|прежде|сказан\w*|говорил\w*|знае\w+)\b",
    # Be somebody else.
    r"\byou are (?:now|no longer|henceforth)"
    r"(?! (?:ready|able|free|connected|logged|finished|done))",
    rf"\byou are (?:an? |the )?(?:[\w-]+ ){{0,3}}{_AI}\b",
    r"\b(?:act|behave|pretend|role-?play) (?:as|like|to be|you are|that you are)\b.{0,40}"
    rf"\b{_AI}\b",
    r"\bfrom now on,? you (?:will|must|are|shall|only|answer|respond|speak)\b",
    rf"\b{_one_of('developer dan jailbreak god debug unrestricted')} mode\b.{{0,30}}"
    rf"\b{_one_of('enabled activated engaged on')}\b",
    r"\bты (?:теперь|больше не|отныне)\b",
    r"\b(?:отныне|с этого момента|с этой минуты),? (?:ты|вы)\b",
    r"\bтеперь (?:ты|вы)\b.{0,20}\b(?:долж\w+|отвечай\w*|пиши\w*|говори\w*|не связан\w*)",
    rf"\b(?:ты|вы)\s*[—–-]?\s*(?:\w+ ){{0,2}}{_AI_RU}\b",
    r"\b(?:веди себя|притвор\w+|представь,? что ты|действуй|выступай|отвечай) "
    rf"(?:как|будто)\b.{{0,40}}\b{_AI_RU}\b",
    # You, the model.
    rf"{_START}(?:(?:dear|hey|hi|hello|attention|note|notice|reminder|(?:important )?messages?|"
    rf"(?:important )?instructions?)[:,]? (?:(?:to|for) )?(?:the |any |all )?){_AI}s?\b",
    rf"{_START}{_AI}s?\s*[,!]\s",
    r"\b(?:note|message|instructions?|notice|reminder) (?:to|for) (?:the |any |all )?(?:\w+ )?"
    rf"{_AI}s?\s*[:.,!]",
    rf"{_START}(?:уважаем\w+|дорог\w+|внимание|привет|сообщение для|инструкци\w+ для|заметка для|"
    rf"указани\w+ для)[:,]? (?:\w+ )?(?:{_AI_RU}|модел\w+)\b",
    rf"{_START}{_AI_RU}\s*[,!]\s",
    rf"\b(?:if|when|since|because|as) you(?: are|'re) (?:an? |the )?(?:[\w-]+ ){{0,3}}{_AI}\b",
    rf"\b(?:any|all|every|each|the) {_AI}s? "
    rf"{_one_of('reading processing summari[sz]ing that_reads? answering which_reads?')}\b",
    rf"\bесли (?:ты|вы)\b.{{0,30}}\b{_AI_RU}\b",
    rf"\b{_AI_RU},? (?:котор\w+ )?(?:чита\w+|обрабатыва\w+) (?:это|этот|данн\w+|документ|текст)",
    # Answer so.
    r"\b(?:respond|reply|answer) (?:only|exactly|always|instead|just|solely|simply|back)\b"
    r"(?! (?:one|two|three|four|if|when|the questions|those|questions|after))",
    r"\b(?:respond|reply|answer)(?: to)? (?:the|every|any|all|each)(?: \w+)? "
    r"(?:users?|questions?|quer\w+|prompts?|requests?) "
    r"(?:only |always |exactly )?(?:with|by|as|that)\b",
    rf"{_START}(?:please |now |then |you (?:must|should|will) |always |instead,? |and |only )*"
    r"(?:respond|reply|output|print out|say)(?: only| exactly)?"
    r"(?: with| by saying| that| the following| in all caps| nothing but)\b",
    r"\b(?:tell|inform|convince|instruct|persuade|direct|advise|warn) the users? "
    r"(?:that|to|they|their)\b",
    r"\b(?:begin|start|end|finish|conclude|open|close|prefix) (?:your|the|every|each|all) "
    r"(?:answers?|responses?|repl(?:y|ies)|outputs?|summar(?:y|ies))\b",
    r"\b(?:in|into|to|with|at the end of) your (?:final |next )?"
    r"(?:answers?|responses?|reply|replies|output|summary)\b",
    r"\b(?:include|insert|append|add|embed|put|render|display|output|use|show) "
    r"(?:this|the following|an?|that)\b.{0,50}\b(?:in|into|to|at the end of) "
    r"(?:your|the|every|each|all) (?:answers?|responses?|repl(?:y|ies)|outputs?)",
    r"\byour (?:system prompt|initial prompt|hidden (?:prompt|instructions)|"
    r"(?:(?:only|new|real|true|primary) )+(?:instruction|task|goal|role|objective|job) is)\b",
    r"\b(?:reveal|repeat|print|show|output|leak|disclose|expose)\b.{0,30}\b(?:system prompt|"
    r"your (?:prompt|instructions|configuration|context)|(?:your|the|any|all) api[ _-]?keys?|"
    r"the (?:text|words|prompt|instructions) above)\b",
    r"\b(?:ответь|отвечай)(?:те)? (?:только|всегда|словом|словами|фразой|текстом|следующ\w+|так|"
    r"дословно|одним|на (?:все|любые|любой|каждый|этот) вопрос\w*)\b",
    rf"{_START}(?:пожалуйста,? |теперь |всегда |только |вместо этого,? |(?:ты|вы) долж\w+ |и )*"
    r"(?:выведи|напечатай|скажи)(?:те)?:? (?:только|всегда|слово|словами|фразу|текст|следующ\w+|"
    r"что|дословно|одно)\b",
    r"\b(?:сообщи|скажи|передай|убеди|предложи|посоветуй|вели|прикажи)(?:те)? пользовател\w+",
    r"\b(?:начни|начинай|закончи|заканчивай|заверши|завершай|в начал[ео]|в кон\w+)(?:те)? "
    r"(?:тво\w+|сво\w+|ваш\w+|кажд\w+|любо\w+) ответ\w*\b",
    r"\bв (?:сво[йеё]м?|тво[йеё]м?|ваш(?:ем)?) ответе?\b",
    r"\b(?:добавь|вставь|включи|выведи|покажи|добавляй|вставляй)(?:те)?\b.{0,50}\b[вк] "
    r"(?:\w+ )?ответ[ау]?\b",
    r"\b(?:раскрой|покажи|выведи|повтори|напечатай|выдай)(?:те)?\b.{0,30}\b(?:системн\w+ "
    r"(?:промпт|подсказк|инструкц|запрос)\w*|(?:свои|твои|ваши) (?:инструкции|настройки|указания)|"
    r"промпт\w*|(?:текст|слова|инструкции) выше|ключ\w* api|api[- ]?ключ\w*)",
    r"\bтво[яйе]\w* (?:нов\w+|настоящ\w+|единственн\w+|главн\w+|истинн\w+) "
    r"(?:задач|цел|рол|инструкц)\w*",
    # Marks of a dialogue with a model.
    r"<\|?(?:im_start|im_end|system|user|assistant|endoftext|begin_of_text|eot_id|"
    r"start_header_id)\|?>|\[/?inst\]|<</?sys>>",
    rf"{_START}#{{2,}} ?(?:system|instructions?|user|assistant|системн\w+|инструкци\w+)"
    r"(?: prompt| message| промпт)?:?\s*$",
    rf"{_START}(?:system|assistant|user|система|ассистент|системн\w+ (?:сообщение|промпт)|system "
    r"(?:prompt|message|note|override|alert|instructions?))\s*[:>\]].{0,60}?\b(?:you|your|ignore|"
    r"disregard|forget|override|respond|reply|answer|sure|say|write|print|output|tell|ты|вы|тебе|"
    r"твой|игнориру\w*|забудь|ответь|"
    r"отвечай|пользовател\w*|the users?)\b",
    r"\b(?:new|updated|revised|real|actual|hidden|secret|emergency) (?:system )?"
    r"(?:instructions?|prompts?|directives?)(?: (?:for|to) \w+)?\s*:",
    r"\b(?:new|updated|hidden) system (?:messages?|notes?)\b|\bсистемн\w+ сообщени\w+\s*:",
    r"\b(?:нов\w+|обновл[её]нн\w+|настоящ\w+|скрыт\w+|секретн\w+|системн\w+) "
    r"(?:инструкци\w+|указани\w+|промпт|директив\w+)\s*:",
    r"\bend of (?:the )?(?:documents?|context|data|evidence|passages?|sources?)\b.{0,20}"
    r"\b(?:new|system|instructions?|user|now)\b",
    r"\bконец (?:документ\w*|контекста|данных|источников)\b.{0,20}\b(?:нов\w*|систем\w*|"
    r"инструкц\w*|теперь)\b",
    # The same by what such sentences have in common: a model that shall, its user, its answer.
    rf"\b{_AI}s?(?: readers?| systems?| agents?| models?| tools?)? (?:must|shall|should|"
    r"(?:is|are) (?:required|obliged|instructed|asked|ordered|to)|ha(?:s|ve) to|needs? to)\b",
    rf"\b(?:as|being) an? (?:\w+ )?{_AI}\b.{{0,40}}\byou\b",
    rf"{_START}(?:\w+ )?(?:to|for) (?:the |any |all |every )?{_AI}s?"
    r"(?: models?| systems?)?\s*[:,—–-]",
    r"\b(?:any|all|every) (?:automated|automatic|ai|machine) "
    r"(?:systems?|agents?|readers?|tools?|models?|summari[sz]ers?|assistants?|screeners?)\b",
    r"\b(?:do not|don't|never) (?:tell|inform|show|reveal|mention (?:this |it )?to|warn|alert) "
    r"(?:this to )?(?:the |any )?(?:users?|person|human|reader)\b",
    r"\b(?:ignore|disregard|forget|discard|dismiss)\b.{0,20}"
    r"\b(?:what(?:ever)?|anything|everything) "
    r"(?:the|this|your) (?:users?|person|human|operator|developer)\b",
    r"\b(?:ignore|disregard|discard|dismiss|drop) (?:the |any |all |this |user's |your )*"
    r"(?:prior |previous |earlier |preceding |above |given |original |actual |user )*"
    r"(?:context|question|query|prompt|conversation|request of the user|user(?:'s)? \w+)\b",
    r"\byour (?:final |next |whole |entire |every )?"
    r"(?:answer|response|reply|output|summary|completion)s? "
    r"(?:must|should|shall|has to|needs? to|will|is to|may only|can only)\b",
    r"\b(?:the|every|each|any) (?:answer|response|reply|output) (?:must|should|shall) "
    r"(?:contain|include|mention|recommend|begin|start|end|say|be exactly)\b",
    r"\brepeat (?:after me|the following|this (?:word|phrase|sentence))\b",
    r"\b(?:contents? of )?your (?:memory|context window|training data|hidden \w+|system \w+|"
    r"(?:initial|original|secret|internal|exact) (?:instructions?|prompts?|rules?|guidelines?))\b",
    r"\b(?:do not|don't|instead of) (?:summari[sz]\w+|answer\w*|translat\w+|process\w*) "
    r"(?:this|the|that|any|it)\b",
    rf"{_START}instead,? (?:produce|output|write|say|print|reply|respond|talk|tell|answer|give)\b",
    rf"(?:{_START}|[>.:!] ?)(?:your )?new task\s*:",
    rf"{_START}(?:override|jailbreak|sudo|admin command|developer message|prompt)\s*[:!]",
    rf"{_START}(?:please |always |only |you (?:must|will|should) )*"
    r"(?:respond|reply|answer|speak|write) (?:only |always )?(?:in|as) (?:\w+ )?"
    r"(?:english|french|spanish|german|russian|chinese|latin|"
    r"pirate|emoji\w*|json|verse|rhymes?|capitals|uppercase|an? \w+)\b",
    r"\b(?:when|while|if|before|after|whenever) (?:you (?:are )?)?(?:summari[sz]\w+|answer\w*|"
    r"process\w*|translat\w+|asked|rating|evaluating|reviewing|reading|quoting|citing) "
    r"(?:this|about|the|it|any|for|to)\b.{0,60}?[,:] ?(?:please |always |never |you must |do not )*"
    r"(?:add|say|claim|mention|state|include|tell|give|rate|write|answer|reply|respond|recommend|"
    r"insist|report|pretend|output|never|always|note that)\b",
    r"\b(?:human|user|пользователь|человек)\s*:.{0,300}\b(?:assistant|ai|bot|ассистент|ии|бот)\s*:",
    r"</?(?:data|documents?|context|evidence|sources?|instructions?|system|prompt|user|assistant|"
    r"search_results?|tool_\w+)>",
    rf"\b{_AI_RU}(?:,? (?:котор\w+|чита\w+)[^.!?]{{0,40}})?,? "
    r"(?:должн\w*|обязан\w*|следует|надлежит)\b",
    r"\bмодель,? (?:должна|обязана) "
    r"(?:упомянуть|назвать|сказать|ответить|написать|вывести|добавить|рекомендовать|сообщить)\b",
    rf"{_START}(?:\w+ )?(?:для |к )?(?:всем |любым |всех |любых )?(?:{_AI_RU}|ии-{_AI_RU})\s*[:—–]",
    rf"\b(?:всем|любым|каждой|каждому|всех|любых) (?:\w+ )?(?:{_AI_RU}|ии-\w+)",
    r"\bне (?:говори|сообщай|показывай|рассказывай|упоминай|предупреждай)(?:те)? "
    r"(?:об этом |этого )?(?:пользовател|человек|читател)\w*",
    r"\bне (?:выполняй|отвечай на|слушай|пересказывай|переводи)(?:те)? (?:это\w* |данн\w+ )?"
    r"(?:просьб|запрос|вопрос|пользовател|текст|документ|сообщени)\w*",
    r"\b(?:просьб|запрос|вопрос|слов)\w* пользователя\b.{0,40}\b(?:игнорир|не|вместо|а)\b",
    r"\b(?:(?:про)?игнорируй|забудь|отбрось|не учитывай)(?:те)? (?:про |о |об |эт\w+ |весь |все )?"
    r"(?:предыдущ\w+ |прошл\w+ |данн\w+ )?(?:вопрос|документ|контекст|запрос|разговор|источник|"
    r"пользовател|текст|диалог)\w*",
    r"\bвместо (?:этого|ответа|пересказа|перевода),? "
    r"(?:напиши|расскажи|выведи|скажи|напечатай|покажи|ответь|сочини|выдай|повтори)(?:те)?\b",
    r"\b(?:тво[йе]|ваш|любой|каждый) (?:\w+ )?ответ (?:долж\w+|обязан\w*)\b",
    r"\bповтор(?:и|яй)(?:те)? (?:за мной|следующ\w+|эт\w+ (?:слов|фраз)\w+)",
    r"\bсодержимое (?:своей|твоей|вашей) памяти\b|\b(?:свои|твои) (?:начальн\w+|исходн\w+|скрыт\w+|"
    r"секретн\w+) \w+",
    rf"(?:{_START}|[>.:!] ?)(?:твоя |ваша )?новая задача\s*[:—–]",
    rf"{_START}(?:отвечай|игнорируй|забудь|выведи|выдай|притворись|проигнорируй)\b",
    r"\bесли (?:тебя|вас) спро\w+|\bпри (?:пересказе|ответе|обработке|суммаризации|переводе|оценке|"
    r"цитировании) (?:это\w+|данн\w+|на)\b.{0,60}?,? (?:добав|скаж|упомян|напиш|назов|укаж|"
    r"рекоменд|утвержда|постав|ответ)\w*",
    r"\b(?:ignore|disregard|skip|discard) (?:the |all |any |this )*(?:text|contents?|documents?|"
    r"information|passages?|data|everything|words) (?:above|below|before|after|around)\b",
    r"\bbefore (?:you )?answer(?:ing)?\b",
    r"\b(?:above|previous|preceding|other) (?:text|document|passage|information|sources?|evidence) "
    r"(?:is|are|was) (?:fake|false|wrong|outdated|a test|a lie|invalid)\b",
    r"\b(?:correct|right|real|true|only) answer (?:is always|to (?:any|every|all|each|the user))\b",
    r"\byour (?:instructions?|task|role|orders?|rules?) (?:is|are|has|have|was|were) "
    r"(?:now|been|changed?|to|different|replaced)\b",
    rf"{_START}#{{2,}} ?(?:instructions?|system|prompt|инструкци\w+)\s*:",
    r"\b(?:begin|start|end) (?:of )?(?:system|hidden|secret|new) "
    r"(?:prompt|instructions?|message)\b",
    r"\b(?:whoever|anyone|anything|whatever|everyone)(?: who| that)? (?:processes|reads?|reading|"
    r"processing|summari[sz]es|answers) this\b.{0,60}\b(?:must|should|shall|has to|will)\b",
    r"\b(?:include|insert|append|add) the (?:sentence|phrase|word|words|text|string|link) [\"'“«‘]",
    r"\bin (?:whatever|everything|anything|all) you (?:write|say|answer|generate|output)\b",
    r"\bthe user (?:has |had )?(?:authori[sz]ed|permitted|allowed|asked|wants|instructed|told|"
    r"consents?|agreed) (?:for )?you\b",
    r"\b(?:do not|don't|never) (?:cite|quote|trust|use|rely on) (?:this|the|any|other) "
    r"(?:documents?|sources?|evidence|passages?|texts?)\b",
    r"(?:^|[:;,.!] )(?:reply|respond|answer) with\b",
    r"\byou (?:will|shall|must|should) now\b|\bplay a game\b.{0,20}\byou are\b",
    r"\b(?:note|message|instructions?) (?:to|for) (?:the |any |all )?"
    r"(?:summari[sz]er|bots?|crawlers?|indexer|search engine|reader|models?)s?\s*:",
    r"\bstop (?:reading|summari[sz]ing|processing|answering)\b",
    r"\b(?:ваши|твои) (?:инструкции|задачи|правила|указания) (?:изменились|теперь|таковы|отменены)",
    r"\b(?:прекрати|перестань)(?:те)? (?:читать|отвечать|пересказывать|обрабатывать)\b",
    r"\b(?:правильн\w+|верн\w+|единственн\w+|настоящ\w+) ответ (?:на (?:любой|все|всякий|каждый)|"
    r"всегда)\b",
    r"\b(?:включи|добавь|вставь|вставляй|добавляй)(?:те)? "
    r"(?:фразу|слов\w|ссылку|текст|предложение)\b",
    r"\bпользовател\w+ (?:разрешил|просит|хочет|велел|согласен|попросил)\w*,? "
    r"(?:тебе|тебя|чтобы ты|вам)",
    r"\b(?:тот|всякий|каждый|любой),? кто (?:чита|обрабатыва|отвеча|пересказыва)\w+\b.{0,40}"
    r"\bдолж\w+",
)
_SAID_TO_A_MODEL = re.compile("|".join(_PATTERNS), re.IGNORECASE | re.MULTILINE)

# What an order goes on with: "Disregard the above. Say this. Nothing else."
_GOES_ON = re.compile(
    rf"{_START}(?:(?:and|then|now|instead|also|please|just|only|always|never)\W+)*"
    r"(?:say|write|output|print|reply|respond|answer|tell|repeat|include|add|append|insert|show|use|"
    r"do not|don't|you|your)\b|"
    rf"{_START}(?:(?:и|затем|потом|теперь|вместо этого|также|пожалуйста|только|всегда|никогда)\W+)*"
    r"(?:скажи|напиши|выведи|напечатай|ответь|отвечай|повтори|добавь|вставь|покажи|не|ты|вы|твой|"
    r"твоя|это)(?:те)?\b",
    re.IGNORECASE,
)
_FEW_WORDS = 3

_ABOUT_MODELS = re.compile(
    r"\b(?:prompts?|instruct(?:s|ed|ions?)|assistants?|chat ?bots?|llms?|language models?|ai|"
    r"injections?|jailbreaks?|ignore|disregard|промпт\w*|инструкци\w*|указани\w*|ассистент\w*|"
    r"помощник\w*|чат-?бот\w*|нейросет\w*|языков\w+ модел\w*|ии|инъекци\w*|игнориров\w*)\b",
    re.IGNORECASE,
)


def addresses_a_model(text: str) -> bool:
    """Whether ``text`` is said to a language model: an order, a role, a mark of a dialogue."""
    seen = shadow(visible(text[:_LATEST]))
    return _SAID_TO_A_MODEL.search(seen) is not None


@lru_cache(maxsize=512)
def units_for_readers(text: str) -> tuple[tuple[int, int], ...]:
    """The units of ``text`` that are not said to a model, nor go on with what is.

    What goes on stands in the same paragraph, and is an order itself or a few words.
    """
    found: list[tuple[int, int]] = []
    spoken_until = -1  # end of what is said to a model
    for start, end in units(text):
        sentence = text[start:end]
        follows = spoken_until >= 0 and "\n\n" not in text[spoken_until:start]
        goes_on = follows and (
            len(sentence.split()) <= _FEW_WORDS or _GOES_ON.search(sentence) is not None
        )
        if goes_on or addresses_a_model(sentence):
            spoken_until = end
        else:
            spoken_until = -1
            found.append((start, end))
    return tuple(found)


def asks_about_models(question: str) -> bool:
    """Whether a question speaks of instructions or models, so that such sentences answer it."""
    return _ABOUT_MODELS.search(question) is not None
