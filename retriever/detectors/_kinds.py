"""General names, in English and Russian, for groups of the thousand classes of ImageNet.

The network knows 118 breeds of dog and no dog: a general name stands for all that it covers.
Names without classes are of things that it was never shown by themselves.
"""

from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache

from indexer.analysis import content_stems, stems

# Class numbers | English names | Russian names
_KINDS = """
0-6,389-397|fish|рыба,рыбка
2-4|shark|акула
5,6|ray|скат
7-24,80-100,127-146|bird|птица,птичка
7,8|chicken,hen,rooster,cock|курица,петух
10-16,18-20|songbird,sparrow,finch|певчая птица,воробей
21-24|bird of prey,hawk,falcon|хищная птица,ястреб,сокол
22|eagle|орёл
24|owl|сова,филин
87-90|parrot|попугай
97,98|duck|утка
99|goose|гусь
100|swan|лебедь
127,128|stork|аист
129-135|wading bird,heron,crane bird|цапля
145|penguin|пингвин
25-29|salamander|саламандра
30-32|frog,toad|лягушка,жаба
33-37|turtle,tortoise|черепаха
38-48|lizard|ящерица
49,50|crocodile,alligator|крокодил,аллигатор
51|dinosaur|динозавр
25-69|reptile|рептилия,пресмыкающееся
52-68|snake|змея
72-77|spider|паук
118-121,125|crab|краб
122-124|lobster,crayfish|омар,рак
300-326|insect,bug|насекомое
300-307|beetle|жук
319,320|dragonfly|стрекоза
321-326|butterfly,moth|бабочка,мотылёк
147,148|whale|кит
150|seal,sea lion|тюлень,морской лев
151-268|dog,puppy,hound|собака,пёс,щенок
178-204|terrier|терьер
205-209|retriever|ретривер
215-220|spaniel|спаниель
265-267|poodle|пудель
269-271|wolf|волк
277-280|fox|лиса,лисица
281-285|cat,kitten|кошка,кот,котёнок
286-293|big cat,wild cat|большая кошка,дикая кошка
292|tiger|тигр
291|lion|лев
288,289|leopard|леопард
294-297|bear|медведь
330-332|rabbit,bunny,hare|кролик,заяц
333,336,338|rodent,rat|грызун,крыса
335|squirrel|белка
339|horse,pony|лошадь,конь,пони
340|zebra|зебра
341-343|pig,boar|свинья,кабан
345,346|cow,cattle,bull|корова,бык,телёнок
348,349|sheep|овца,баран
348-350|goat|коза,козёл
351-353|antelope,deer|антилопа,олень
354|camel|верблюд
365-384|monkey,primate|обезьяна,примат
365-369|ape|человекообразная обезьяна
385,386|elephant|слон
387,388|panda|панда
7-397|animal|животное,зверь
101-106,147-299,330-388|mammal|млекопитающее
984-986|flower|цветок
991-997,947|mushroom|гриб
948-957|fruit|фрукт
936-948|vegetable|овощ
924-969|food|еда
936|cabbage|капуста
939-942|squash,pumpkin|тыква,кабачок
948|apple|яблоко
931,930|bread|хлеб
404,895,726|airplane,aeroplane,plane,aircraft|самолёт
404,405,895|flying machine|летательный аппарат
472,814,625,914,576,484,871|boat|лодка
403,510,628,780,833,914,484,871,724,554|ship|корабль,судно
780,914,871,484|sailboat,sailing boat|парусник,яхта
444,671|bicycle,bike|велосипед
665,670|motorcycle,motorbike,scooter|мотоцикл,мотороллер,скутер
407,436,468,511,609,627,656,661,717,751,817,734|car,automobile|машина,автомобиль,легковушка
468|taxi|такси
555,569,675,717,864,867|truck,lorry|грузовик
654,779,874|bus|автобус
466,547,565,705,820|train|поезд,паровоз
829|tram|трамвай
407,436,468,511,555,569,609,627,654,656,661,665,670,675,717,734,751,779,817,829,864,866,867,874|vehicle|транспорт
402,546|guitar|гитара
402,420,486,546,594,889,401,432,513|musical instrument|музыкальный инструмент
558,566,579,593,683,776,875,881,541|musical instrument|музыкальный инструмент
579,881|piano|пианино,рояль
513,566,875|trumpet|труба
409,530,892|clock|часы
409,530,892,531,826|timepiece|хронометр
531|watch|наручные часы
423,559,765,857|chair|стул,кресло
831|sofa,couch|диван
520,564,516,431|bed|кровать,постель
532,736,526|table|стол
526|desk|письменный стол
453|bookshelf,shelf|полка,книжная полка
492,493,495,894,648|cupboard,cabinet|шкаф
423,453,492,493,495,526,532,548,559,564,765,831,857,894,520|furniture|мебель
846,619|lamp|лампа,светильник
487,528,707|phone,telephone|телефон
487|mobile phone,smartphone|мобильный телефон,смартфон
527,620,681,590|computer|компьютер
620,681|laptop,notebook computer|ноутбук
732,759|camera|фотоаппарат,камера
664,782,851|screen,display|экран
851|television,tv|телевизор
664|monitor|монитор
508,878|keyboard|клавиатура
440,737,898,907,720|bottle|бутылка
441,572|glass,wine glass|бокал,рюмка,стакан
504,968|cup,mug|чашка,кружка
659,809|bowl|миска,тарелка
505,849|kettle,coffee pot|чайник,кофейник
567,909,544|pan|сковорода
499,623|knife|нож
618,910,813|spoon|ложка
414,636,748,728|bag|сумка,пакет
748|handbag|сумочка
515,808,439,452|hat,cap|шляпа,шапка
770,630,788,774,502,514|shoe,footwear|обувь,туфля,ботинок
770|sneakers,trainers|кроссовки
429,430,522,574,722,768,805,852,890|ball,sports ball|мяч,шар
805|football|футбольный мяч
413,763,764|gun,weapon|оружие,ружьё,пистолет
587,784,596,477,740|tool|инструмент
497,663,668|church,temple|церковь,храм
483,698|castle,palace|замок,дворец
425,449,497,498,580,624,660,663,668,698,483,853|building,house|здание,дом
821,839,888|bridge|мост
912,489,716|fence|забор,изгородь
861|toilet|унитаз
896|sink,washbasin|раковина
435,876|bath,bathtub|ванна
919,920|road sign,sign|знак,дорожный знак
672|tent|палатка
836,837|glasses,eyeglasses|очки
970,980|mountain|гора
978,977|beach|пляж
975|lake|озеро
|person,people,man,men,woman,women,child,children,boy,girl,baby,face,hand,crowd|человек,люди,мужчина,женщина,ребёнок,дети,мальчик,девочка,лицо,рука
|tree,grass,leaf,plant,sky,cloud,sun,moon,water,road,street,snow|дерево,трава,лист,растение,небо,облако,солнце,луна,вода,дорога,улица,снег
|fork,scissors,frisbee,skateboard,suitcase|вилка,ножницы,фрисби,скейтборд,чемодан
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Kinds:
    """``classes``: none for things the network does not know; ``alone``: nothing else is said."""

    classes: frozenset[int]
    alone: bool


def kinds_named(words: str) -> Kinds | None:
    """The classes of the general names in ``words``; None if it holds none of them.

    Of names inside one another the longer counts ("wild cat", not "cat").
    """
    asked = frozenset(content_stems(words))
    held = {name for name in _by_stems() if name <= asked}
    longest = [name for name in held if not any(name < other for other in held)]
    if not longest:
        return None
    return Kinds(
        classes=frozenset().union(*(_by_stems()[name] for name in longest)),
        alone=frozenset().union(*longest) == asked,
    )


@lru_cache(maxsize=1)
def _by_stems() -> dict[frozenset[str], frozenset[int]]:
    found: dict[frozenset[str], frozenset[int]] = defaultdict(frozenset)
    for line in _KINDS.strip().splitlines():
        ranges, *languages = line.split("|")
        classes: set[int] = set()
        for part in filter(None, ranges.split(",")):
            first, _, last = part.partition("-")
            classes.update(range(int(first), int(last or first) + 1))
        for name in ",".join(languages).split(","):
            found[frozenset(stems(name))] |= classes
    return found
