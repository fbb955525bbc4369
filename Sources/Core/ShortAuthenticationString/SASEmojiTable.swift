/// The specification's table.
///
/// The names in English, Arabic, Indonesian, Japanese, Spanish, Vietnamese and Chinese are those of the
/// specification's `data-definitions/sas-emoji.json`. It has none in Korean, Malay, Filipino and Thai; these are ours.
///
/// https://spec.matrix.org/v1.19/client-server-api/#sas-method-emoji
enum SASEmojiTable {
    static let symbols = words(
        """
        🐶,🐱,🦁,🐎,🦄,🐷,🐘,🐰,🐼,🐓,🐧,🐢,🐟,🐙,🦋,🌷,🌳,🌵,🍄,🌏,🌙,☁️,🔥,🍌,🍎,🍓,🌽,🍕,🎂,❤️,😀,🤖,\
        🎩,👓,🔧,🎅,👍,☂️,⌛,⏰,🎁,💡,📕,✏️,📎,✂️,🔒,🔑,🔨,☎️,🏁,🚂,🚲,✈️,🚀,🏆,⚽,🎸,🎺,🔔,⚓,🎧,📁,📌
        """)

    static func name(_ number: Int, in language: SASLanguage) -> String {
        switch language {
        case .english: english[number]
        case .korean: korean[number]
        case .japanese: japanese[number]
        case .simplifiedChinese: simplifiedChinese[number]
        case .traditionalChinese: traditionalChinese[number]
        case .indonesian: indonesian[number]
        case .malay: malay[number]
        case .filipino: filipino[number]
        case .vietnamese: vietnamese[number]
        case .thai: thai[number]
        case .spanish: spanish[number]
        case .arabic: arabic[number]
        }
    }

    /// One text a language, and not an array of literals: it is a third of the size in WebAssembly.
    private static func words(_ text: String) -> [String] {
        text.utf8.split(separator: UInt8(ascii: ",")).map { String(decoding: $0, as: UTF8.self) }
    }

    private static let english = words(
        """
        Dog,Cat,Lion,Horse,Unicorn,Pig,Elephant,Rabbit,Panda,Rooster,Penguin,Turtle,Fish,Octopus,Butterfly,Flower,\
        Tree,Cactus,Mushroom,Globe,Moon,Cloud,Fire,Banana,Apple,Strawberry,Corn,Pizza,Cake,Heart,Smiley,Robot,\
        Hat,Glasses,Spanner,Santa,Thumbs Up,Umbrella,Hourglass,Clock,Gift,Light Bulb,Book,Pencil,Paperclip,Scissors,\
        Lock,Key,Hammer,Telephone,Flag,Train,Bicycle,Aeroplane,Rocket,Trophy,Ball,Guitar,Trumpet,Bell,Anchor,\
        Headphones,Folder,Pin
        """)

    private static let korean = words(
        """
        개,고양이,사자,말,유니콘,돼지,코끼리,토끼,판다,수탉,펭귄,거북이,물고기,문어,나비,꽃,\
        나무,선인장,버섯,지구,달,구름,불,바나나,사과,딸기,옥수수,피자,케이크,하트,웃는 얼굴,로봇,\
        모자,안경,스패너,산타,엄지척,우산,모래시계,시계,선물,전구,책,연필,클립,가위,\
        자물쇠,열쇠,망치,전화기,깃발,기차,자전거,비행기,로켓,트로피,공,기타,트럼펫,종,닻,\
        헤드폰,폴더,압정
        """)

    private static let japanese = words(
        """
        犬,猫,ライオン,馬,ユニコーン,ブタ,ゾウ,うさぎ,パンダ,ニワトリ,ペンギン,亀,魚,たこ,ちょうちょ,花,\
        木,サボテン,きのこ,地球,月,雲,炎,バナナ,リンゴ,いちご,とうもろこし,ピザ,ケーキ,ハート,スマイル,ロボット,\
        帽子,めがね,スパナ,サンタ,いいね,傘,砂時計,時計,ギフト,電球,本,鉛筆,クリップ,はさみ,\
        錠前,鍵,金槌,電話機,旗,電車,自転車,飛行機,ロケット,トロフィー,ボール,ギター,トランペット,ベル,いかり,\
        ヘッドホン,フォルダー,ピン
        """)

    private static let simplifiedChinese = words(
        """
        狗,猫,狮子,马,独角兽,猪,大象,兔子,熊猫,公鸡,企鹅,乌龟,鱼,章鱼,蝴蝶,花,\
        树,仙人掌,蘑菇,地球,月亮,云,火,香蕉,苹果,草莓,玉米,披萨,蛋糕,心,笑脸,机器人,\
        帽子,眼镜,扳手,圣诞老人,赞,伞,沙漏,时钟,礼物,灯泡,书,铅笔,回形针,剪刀,\
        锁,钥匙,锤子,电话,旗帜,火车,自行车,飞机,火箭,奖杯,球,吉他,喇叭,铃铛,锚,\
        耳机,文件夹,图钉
        """)

    private static let traditionalChinese = words(
        """
        狗,貓,獅子,馬,獨角獸,豬,大象,兔子,熊貓,公雞,企鵝,烏龜,魚,章魚,蝴蝶,花,\
        樹,仙人掌,蘑菇,地球,月亮,雲朵,火,香蕉,蘋果,草莓,玉米,披薩,蛋糕,愛心,笑臉,機器人,\
        帽子,眼鏡,扳手,聖誕老人,讚,雨傘,沙漏,時鐘,禮物,燈泡,書,鉛筆,迴紋針,剪刀,\
        鎖頭,鑰匙,鎚子,電話,旗幟,火車,腳踏車,飛機,火箭,獎盃,足球,吉他,喇叭,鈴鐺,船錨,\
        耳機,資料夾,圖釘
        """)

    private static let indonesian = words(
        """
        Anjing,Kucing,Singa,Kuda,Unicorn,Babi,Gajah,Kelinci,Panda,Ayam,Penguin,Kura-Kura,Ikan,Gurita,Kupu-Kupu,Bunga,\
        Pohon,Kaktus,Jamur,Bola Dunia,Bulan,Awan,Api,Pisang,Apel,Stroberi,Jagung,Pizza,Kue,Hati,Senyuman,Robot,\
        Topi,Kacamata,Kunci Bengkel,Santa,Jempol,Payung,Jam Pasir,Jam,Kado,Bohlam Lampu,Buku,Pensil,Klip Kertas,\
        Gunting,Gembok,Kunci,Palu,Telepon,Bendera,Kereta Api,Sepeda,Pesawat,Roket,Piala,Bola,Gitar,Terompet,Lonceng,\
        Jangkar,Headphone,Map,Pin
        """)

    private static let malay = words(
        """
        Anjing,Kucing,Singa,Kuda,Unikorn,Babi,Gajah,Arnab,Panda,Ayam Jantan,Penguin,Kura-Kura,Ikan,Sotong Kurita,\
        Rama-Rama,Bunga,Pokok,Kaktus,Cendawan,Glob,Bulan,Awan,Api,Pisang,Epal,Strawberi,Jagung,Piza,Kek,Hati,\
        Senyuman,Robot,Topi,Cermin Mata,Sepana,Santa,Ibu Jari,Payung,Jam Pasir,Jam,Hadiah,Mentol,Buku,Pensel,\
        Klip Kertas,Gunting,Mangga,Kunci,Tukul,Telefon,Bendera,Kereta Api,Basikal,Kapal Terbang,Roket,Trofi,Bola,\
        Gitar,Trompet,Loceng,Sauh,Fon Kepala,Folder,Pin
        """)

    private static let filipino = words(
        """
        Aso,Pusa,Leon,Kabayo,Unicorn,Baboy,Elepante,Kuneho,Panda,Tandang,Penguin,Pagong,Isda,Pugita,Paruparo,Bulaklak,\
        Puno,Cactus,Kabute,Globo,Buwan,Ulap,Apoy,Saging,Mansanas,Strawberry,Mais,Pizza,Cake,Puso,Ngiti,Robot,\
        Sombrero,Salamin,Liyabe,Santa,Thumbs Up,Payong,Hourglass,Orasan,Regalo,Bombilya,Libro,Lapis,Paper Clip,\
        Gunting,Kandado,Susi,Martilyo,Telepono,Bandila,Tren,Bisikleta,Eroplano,Rocket,Tropeo,Bola,Gitara,Trumpeta,\
        Kampana,Angkla,Headphones,Folder,Pin
        """)

    private static let vietnamese = words(
        """
        Chó,Mèo,Sư tử,Ngựa,Kỳ lân,Heo,Voi,Thỏ,Gấu trúc,Gà trống,Chim cánh cụt,Rùa,Cá,Bạch tuộc,Bướm,Hoa,\
        Cây,Xương rồng,Nấm,Địa cầu,Mặt trăng,Mây,Lửa,Chuối,Táo,Dâu tây,Bắp,Pizza,Bánh,Tim,Mặt cười,Rô-bô,\
        Mũ,Kính mắt,Cờ-lê,ông già Nô-en,Thích,Cái ô,Đồng hồ cát,Đồng hồ,Quà tặng,Bóng đèn tròn,Sách,Viết chì,\
        Kẹp giấy,Cái kéo,Ổ khóa,Chìa khóa,Búa,Điện thoại,Lá cờ,Xe lửa,Xe đạp,Máy bay,Tên lửa,Cúp,Banh,Ghi-ta,Kèn,\
        Chuông,Mỏ neo,Tai nghe,Thư mục,Ghim
        """)

    private static let thai = words(
        """
        สุนัข,แมว,สิงโต,ม้า,ยูนิคอร์น,หมู,ช้าง,กระต่าย,แพนด้า,ไก่ตัวผู้,เพนกวิน,เต่า,ปลา,ปลาหมึกยักษ์,ผีเสื้อ,ดอกไม้,\
        ต้นไม้,กระบองเพชร,เห็ด,ลูกโลก,พระจันทร์,เมฆ,ไฟ,กล้วย,แอปเปิล,สตรอว์เบอร์รี,ข้าวโพด,พิซซ่า,เค้ก,หัวใจ,หน้ายิ้ม,หุ่นยนต์,\
        หมวก,แว่นตา,ประแจ,ซานต้า,ยกนิ้วโป้ง,ร่ม,นาฬิกาทราย,นาฬิกา,ของขวัญ,หลอดไฟ,หนังสือ,ดินสอ,คลิปหนีบกระดาษ,กรรไกร,\
        แม่กุญแจ,กุญแจ,ค้อน,โทรศัพท์,ธง,รถไฟ,จักรยาน,เครื่องบิน,จรวด,ถ้วยรางวัล,ลูกบอล,กีตาร์,ทรัมเป็ต,ระฆัง,สมอเรือ,\
        หูฟัง,แฟ้ม,หมุด
        """)

    private static let spanish = words(
        """
        Perro,Gato,León,Caballo,Unicornio,Cerdo,Elefante,Conejo,Panda,Gallo,Pingüino,Tortuga,Pez,Pulpo,Mariposa,Flor,\
        Árbol,Cactus,Seta,Globo,Luna,Nube,Fuego,Plátano,Manzana,Fresa,Maíz,Pizza,Tarta,Corazón,Emoticono,Robot,\
        Sombrero,Gafas,Llave inglesa,Papá Noel,Pulgar arriba,Paraguas,Reloj de arena,Reloj,Regalo,Bombilla,Libro,\
        Lápiz,Clip,Tijeras,Candado,Llave,Martillo,Teléfono,Bandera,Tren,Bicicleta,Avión,Cohete,Trofeo,Bola,Guitarra,\
        Trompeta,Campana,Ancla,Cascos,Carpeta,Alfiler
        """)

    private static let arabic = words(
        """
        كلب,هِرَّة,أَسَد,حِصَان,حصان وحيد القرن,خِنزِير,فِيل,أَرنَب,باندَا,دِيك,بطريق,سُلحفاة,سَمَكة,أُخطُبُوط,فَرَاشَة,زَهرَة,\
        شَجَرَة,صبار,فُطر,كُرَةٌ أرضِيَّة,قَمَر,سَحابَة,نار,مَوزَة,تُفَّاحَة,فَراوِلَة,ذُرَة,بِيتزا,كَعكَة,قَلب,اِبتِسَامَة,رُوبُوت,\
        قُبَّعَة,نَظَّارَة,مِفتَاحُ رَبط,سانتا,رَفعُ إِبهَام,مِظَلَّة,سَاعَةٌ رَملِيَّة,سَاعَة,هَدِيَّة,مِصبَاح,كِتَاب,قَلَمُ رَصاص,مِشبَكُ وَرَق,مِقَصّ,\
        قُفل,مِفتَاح,مِطرَقَة,تِلِفُون,عَلَم,قِطَار,دَرّاجَة,طَائِرة,صَارُوخ,كَأسُ النَّصر,كُرَة,غيتار,بُوق,جَرَس,مِرسَاة,\
        سَمّاعَة رَأس,مُجَلَّد,دَبُّوس
        """)
}
