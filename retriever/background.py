"""Questions and phrases about everything and nothing in particular.

Hardly any of them belongs to any one archive, so what an archive scores on them is what it scores
on questions it cannot answer: the other side of every cut-off.
"""

QUESTIONS: dict[str, tuple[str, ...]] = {
    "en": (
        "What is the boiling point of methanol?",
        "Who painted The Night Watch?",
        "How many moons does Neptune have?",
        "When was the Suez Canal opened?",
        "What does the thyroid gland do?",
        "Which river flows through Vienna?",
        "Who wrote the opera Carmen?",
        "How do bees find their way home?",
        "What is the currency of Vietnam?",
        "Why did the Roman aqueducts leak?",
        "How long is a marathon in metres?",
        "What causes the northern lights?",
        "Who discovered penicillin?",
        "Which vitamin prevents scurvy?",
        "How is Gruyère cheese made?",
        "What is the tallest volcano of Ecuador?",
        "When did women in Finland get the vote?",
        "What is the difference between a viola and a violin?",
        "How does a diesel locomotive change direction?",
        "Who won the chess world championship in 1972?",
        "What are the rules of curling?",
        "How deep is Lake Baikal?",
        "Which bird lays the largest egg?",
        "What is quicksort?",
        "How much does a blue whale weigh?",
        "Who was the first president of Turkey?",
        "What do koalas eat?",
        "Which gas makes lemonade fizzy?",
        "How are fingerprints compared?",
        "What is the capital of Mongolia?",
        "Who invented the zip fastener?",
        "Why is the sea salty?",
        "What is a sonnet?",
        "When does Ramadan begin?",
        "How do you prune a pear tree?",
        "What is the melting point of tungsten?",
        "Which country has the most islands?",
        "How does a sewing machine make a stitch?",
        "What was the Treaty of Tordesillas about?",
        "How many strings does a harp have?",
        "What is the half-life of caesium-137?",
        "Who directed Seven Samurai?",
        "How is paper recycled?",
        "What does a notary do?",
        "Which planet spins on its side?",
        "When was the first pacemaker implanted?",
        "How do submarines dive?",
        "What is the smallest prime above one hundred?",
        "Who composed the Goldberg Variations?",
        "What is the offside rule?",
        "How does yeast make bread rise?",
        "Which spice comes from a crocus?",
        "How fast does sound travel in water?",
        "What was the Hanseatic League?",
        "Why do cats purr?",
        "What is the area of Iceland?",
        "Who designed the Sydney Opera House?",
        "How is salt taken from sea water?",
        "What is a baker's dozen?",
        "When did the Berlin Wall fall?",
    ),
    "ru": (
        "При какой температуре кипит метанол?",
        "Кто написал картину «Ночной дозор»?",
        "Сколько спутников у Нептуна?",
        "Когда открыли Суэцкий канал?",
        "Что делает щитовидная железа?",
        "Какая река протекает через Вену?",
        "Кто сочинил оперу «Кармен»?",
        "Как пчёлы находят дорогу домой?",
        "Какая валюта во Вьетнаме?",
        "Почему море солёное?",
        "Сколько метров в марафоне?",
        "Отчего бывает северное сияние?",
        "Кто открыл пенициллин?",
        "Какой витамин предотвращает цингу?",
        "Как делают сыр грюйер?",
        "Какой вулкан Эквадора самый высокий?",
        "Когда женщины Финляндии получили право голоса?",
        "Чем альт отличается от скрипки?",
        "Как тепловоз меняет направление движения?",
        "Кто стал чемпионом мира по шахматам в 1972 году?",
        "Каковы правила кёрлинга?",
        "Какова глубина озера Титикака?",
        "Какая птица несёт самые крупные яйца?",
        "Что такое быстрая сортировка?",
        "Сколько весит синий кит?",
        "Кто был первым президентом Турции?",
        "Чем питаются коалы?",
        "Какой газ делает лимонад шипучим?",
        "Как сравнивают отпечатки пальцев?",
        "Какой город столица Монголии?",
        "Кто изобрёл застёжку-молнию?",
        "Что такое сонет?",
        "Когда начинается Рамадан?",
        "Как обрезать грушу?",
        "При какой температуре плавится вольфрам?",
        "В какой стране больше всего островов?",
        "Как швейная машина делает стежок?",
        "О чём был Тордесильясский договор?",
        "Сколько струн у арфы?",
        "Каков период полураспада цезия-137?",
        "Кто снял фильм «Семь самураев»?",
        "Как перерабатывают макулатуру?",
        "Чем занимается нотариус?",
        "Какая планета вращается на боку?",
        "Когда вживили первый кардиостимулятор?",
        "Как погружаются подводные лодки?",
        "Кто сочинил Гольдберг-вариации?",
        "Что такое положение вне игры в футболе?",
        "Почему от дрожжей поднимается тесто?",
        "Какую пряность получают из крокуса?",
        "С какой скоростью звук идёт в воде?",
        "Чем была Ганза?",
        "Почему мурлычут кошки?",
        "Какова площадь Исландии?",
        "Кто построил Сиднейский оперный театр?",
        "Как добывают соль из морской воды?",
        "Когда пала Берлинская стена?",
        "Кто придумал азбуку Морзе?",
        "Как устроен парашют?",
        "Сколько клавиш у рояля?",
    ),
}

# Things that a photo may show.
PHRASES: tuple[str, ...] = tuple(
    " ".join(phrase.split())
    for phrase in """a harbour crane; a jar of honey; a violin; a snow plough; a tortoise;
    a birthday cake;
    a lighthouse at night; a microscope; a wedding dress; a field of lavender; a circus tent;
    a chess board; a rusty anchor; a plate of sushi; a hot-air balloon; a stethoscope;
    a bunch of keys; a cable car; a pile of old newspapers; a kangaroo; a stained glass window;
    a motorcycle race; a loaf of bread; a windmill; a coral reef; a pair of ballet shoes;
    a fire engine; a beehive; a ruined castle; a wristwatch; a tractor; an accordion; a rainbow;
    a penguin; a barber's chair; a bowl of soup; a bridge in fog; a mushroom; a telescope;
    a rocking horse; a power station; a peacock; a sewing machine; a desert caravan; a goldfish;
    a typewriter; a waterfall; a bus stop; a straw hat; a hedgehog; a swimming pool; a candle;
    a football match; a cactus; a suitcase; an owl; a grand piano; a spiral staircase; a tank;
    a basket of apples; a skateboard; a thunderstorm; a teapot; an elephant; a greenhouse;
    a parking meter; a squirrel; a map of the world; a sailing boat; a pair of scissors;
    a polar bear; a vending machine; a vineyard; a trombone; a traffic light; a butterfly;
    a bathtub; a rocket on its pad; a snail; a library; a hammer; a camel; a bouquet of roses;
    a train in a tunnel; a pretzel; a lizard on a rock; a guitar; a roller coaster; a glass of
    beer; a donkey; a school bus; a fountain pen; a crab; a temple in the mountains; a drum;
    a parachute; a pineapple; a wolf; an umbrella; a cement mixer; a frog; a church organ""".split(
        ";"
    )
)
